/* The picks that wait for the network, in localStorage: each under a key of its own, so that two pages of one
 * tablet never overwrite each other's; in the order in which they were tapped. A browser that keeps nothing has none.
 */

const PREFIX = "portal:tap:";
let counted = 0;

export function kept() {
  try {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
    return keys.sort().flatMap(read);
  } catch {
    return [];
  }
}

function read(key) {
  try {
    return [{ ...JSON.parse(localStorage.getItem(key)), key }];
  } catch {
    localStorage.removeItem(key);
    return [];
  }
}

/* False when the browser cannot. */
export function keep(tap) {
  counted += 1;
  const moment = `${String(Date.now()).padStart(15, "0")}-${String(counted).padStart(6, "0")}`;
  try {
    localStorage.setItem(`${PREFIX}${moment}:${tap.tap}`, JSON.stringify(tap));
    return true;
  } catch {
    return false;
  }
}

export function change(tap, changes) {
  if (localStorage.getItem(tap.key) !== null) localStorage.setItem(tap.key, JSON.stringify({ ...tap, ...changes }));
}

export function drop(tap) {
  localStorage.removeItem(tap.key);
}

/* As crypto.randomUUID, which browsers have only over TLS. */
export function newNumber() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const digits = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
