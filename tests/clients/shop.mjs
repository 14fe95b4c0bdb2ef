// A web shop in Node with fetch: `shop.mjs PORTAL KEY place|follow|refund ARGUMENT`, answers in JSON.

const [address, key, what, argument] = process.argv.slice(2);

class Refused extends Error {
  constructor(faults) {
    super("refused");
    this.faults = faults;
  }
}

async function call(method, path, body) {
  const answer = await fetch(address + path, {
    method,
    headers: { Authorization: `ddd_token ${key}`, "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(30_000),
  });
  const found = await answer.json();
  if (answer.status === 422) throw new Refused(Object.fromEntries(found.errors.map((one) => [one.pointer, one.code])));
  if (!answer.ok) throw new Error(`${answer.status} ${found.code}: ${found.detail}`);
  return { found, cursor: answer.headers.get("X-Next-Cursor") };
}

const piece = (price) => ({ VariantId: 100001, SalesPrice: price, EffectiveSalesPrice: price, DiscountAmount: 0 });
const fetched = async (orderNo) =>
  (await call("GET", `/api/weborder/fetch/orderNo/${encodeURIComponent(orderNo)}`)).found;

const portal = {
  async place(orderNo) {
    const order = {
      OrderNo: orderNo,
      ShopId: 996001,
      IsPaid: true,
      CustomerNumber: 0,
      OrderedOn: new Date(),
      ReceiveAddress: "Åse Ø. Sørensen#Bakkevej 3#8000 Aarhus C",
      WebOrderLines: [piece(1299.95), piece(199.95)],
    };
    const create = async (body) => (await call("POST", "/api/weborder/clickandcollect", body)).found;
    const stored = [await create(order), await create(order)];
    const line = (await fetched(orderNo)).WebOrderLines[1];
    const change = { OrderNo: orderNo, WebOrderLines: [{ Id: line.Id, Notes: "Gave" }] };
    const changed = (await call("PUT", "/api/weborder", change)).found;
    const refused = await create({ ...order, OrderNo: "none", ShopId: 1 }).then(
      () => null,
      (error) => error.faults,
    );
    const notes = (await fetched(orderNo)).WebOrderLines.map((one) => one.Notes);
    return { stored, changed, refused, notes };
  },

  async follow(cursor) {
    const orders = {};
    for (;;) {
      const answer = await call("GET", `/api/weborder/status/All/since/webshop?cursor=${encodeURIComponent(cursor)}`);
      cursor = answer.cursor;
      if (answer.found.length === 0) return { cursor, orders };
      for (const order of answer.found) orders[order.OrderNo] = order.WebOrderLines.map((line) => line.Status);
    }
  },

  async refund(orderNo) {
    const open = (await call("GET", "/api/returns/refunds")).found;
    const due = open.filter((one) => one.OrderNo === orderNo);
    const states = [];
    for (const { Id } of due) {
      await call("POST", `/api/returns/refunds/${Id}/close`, { Reference: `pay-${Id}` });
      states.push((await call("GET", `/api/returns/refunds/${Id}`)).found.State);
    }
    return { amounts: due.map((one) => one.Amount), states };
  },
};

console.log(JSON.stringify(await portal[what](argument)));
