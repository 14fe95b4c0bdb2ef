{% load static %}/* Shows one page when there is no network. Keeps that page and what pages are drawn with; never an order, never an answer. */

const PAGE = "{% url 'pos-offline' %}";
const DRAWN_WITH = ["{% static 'core/base.css' %}", "{% static 'core/icon.svg' %}", "{% static 'pos/offline-page.js' %}", "{% static 'pos/taps-kept.js' %}"];
// Another version is drawn with files of other names, and what the old one has kept goes.
const KEPT = `portal-offline-4 ${DRAWN_WITH.join(" ")}`;
const STATIC = "{% get_static_prefix %}";

self.addEventListener("install", (event) => event.waitUntil(keep().then(() => self.skipWaiting())));
self.addEventListener("activate", (event) => event.waitUntil(forgetOld().then(() => self.clients.claim())));

async function keep() {
  const cache = await caches.open(KEPT);
  // The person's own language comes with their cookie; the browser's own cache may be older.
  await cache.addAll([PAGE, ...DRAWN_WITH].map((address) => new Request(address, { cache: "reload" })));
}

async function forgetOld() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith("portal-") && name !== KEPT).map((name) => caches.delete(name)));
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin) return;
  if (request.mode === "navigate") event.respondWith(fetch(request).catch(() => caches.match(PAGE)));
  else if (address.pathname.startsWith(STATIC)) event.respondWith(drawnWith(request));
});

async function drawnWith(request) {
  const cache = await caches.open(KEPT);
  try {
    const answer = await fetch(request);
    if (answer.ok) await cache.put(request, answer.clone());
    return answer;
  } catch (lost) {
    const kept = await cache.match(request);
    if (kept) return kept;
    throw lost;
  }
}
