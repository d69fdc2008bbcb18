// Reads resources as a JSON list, tries each against its operator's schema, and prints a list of what is wrong.
// Schemas let unknown fields pass, as API servers drop them; so a field that no schema asks for is told, too.
import { text } from "node:stream/consumers";

const PACKAGES = {
  "gateway.networking.k8s.io": "gateway-api",
  "keda.sh": "keda",
  "monitoring.coreos.com": "prometheus-operator",
};

function watched(value, path, unasked) {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map((one, at) => watched(one, `${path}[${at}]`, unasked));
  const places = Object.fromEntries(Object.keys(value).map((key) => [key, `${path}.${key}`]));
  const entries = Object.entries(value).map(([key, one]) => [key, watched(one, places[key], unasked)]);
  Object.values(places).forEach((place) => unasked.add(place));
  const asked = (key) => unasked.delete(places[key]);
  return new Proxy(Object.fromEntries(entries), {
    get: (target, key) => (asked(key), target[key]),
    ownKeys: (target) => (Object.keys(places).forEach(asked), Reflect.ownKeys(target)),
  });
}

async function problems(resource) {
  const { apiVersion, kind } = resource;
  const schemas = await import(`@kubernetes-models/${PACKAGES[apiVersion.split("/")[0]]}/${apiVersion}/${kind}`);
  const unasked = new Set();
  try {
    schemas[kind].prototype.validate.call(watched(resource, "", unasked));
  } catch (error) {
    return [error.message];
  }
  return [...unasked].map((field) => `no such field: ${field}`);
}

const found = [];
for (const resource of JSON.parse(await text(process.stdin))) {
  const said = await problems(resource);
  found.push(...said.map((problem) => `${resource.kind} ${resource.metadata.name}: ${problem}`));
}
console.log(JSON.stringify(found));
