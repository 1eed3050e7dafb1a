// Validates manifests, a stream of YAML documents on standard input, against the types of the Kubernetes API and of
// Istio: a missing field or a wrong type fails. A field that there is not goes unnoticed: the types allow more.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [, , folder, ...expected] = process.argv;
const yaml = createRequire(folder + "/")("js-yaml");

const load = async (apiVersion, kind) => {
  const model = apiVersion.includes(".istio.io/") ? "@kubernetes-models/istio" : "kubernetes-models";
  const path = `${folder}/node_modules/${model}/${apiVersion}/${kind}.js`;
  return (await import(pathToFileURL(path)))[kind];
};

const found = [];
for (const document of yaml.loadAll(readFileSync(0, "utf8"))) {
  const name = `${document.kind} ${document.metadata?.name}`;
  const model = new (await load(document.apiVersion, document.kind))(document);
  try {
    model.validate();
  } catch (problem) {
    console.error(`${name}: ${problem.message}`);
    process.exit(1);
  }
  found.push(document.kind);
}
for (const kind of expected) {
  if (!found.includes(kind)) {
    console.error(`there is no ${kind}`);
    process.exit(1);
  }
}
console.log(`${found.length} manifests are valid: ${found.join(", ")}`);
