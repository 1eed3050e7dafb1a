// What every JavaScript verifier does around its library: reads the cases, prints one JSON line per check.

import { readFileSync } from "node:fs";

export const session = JSON.parse(readFileSync(process.argv[2], "utf8"));

export function versionOf(name) {
  return JSON.parse(readFileSync(`node_modules/${name}/package.json`, "utf8")).version;
}

export function emit(library, alg, check, outcome, detail = "") {
  console.log(JSON.stringify({ library, alg, check, outcome, detail }));
}

const describe = (error) => `${error.name}: ${error.message}`;

async function checkValid(library, testCase, verify) {
  try {
    const claims = await verify(testCase, testCase.token);
    if (claims.aud !== testCase.audience) throw new Error("another audience");
    emit(library, testCase.alg, "valid", "pass");
  } catch (error) {
    emit(library, testCase.alg, "valid", "fail", describe(error));
  }
}

async function checkRefused(library, testCase, verify, isRefusal) {
  for (const [name, token] of Object.entries(testCase.tampered)) {
    try {
      await verify(testCase, token);
      emit(library, testCase.alg, name, "fail", "accepted");
    } catch (error) {
      if (isRefusal(error)) emit(library, testCase.alg, name, "pass");
      else emit(library, testCase.alg, name, "fail", describe(error));
    }
  }
}

// isRefusal: whether the library means "a bad token" by an error; any other is a failure of its own.
export async function verifyAll(library, supported, verify, isRefusal) {
  for (const testCase of session.cases) {
    if (!supported.includes(testCase.alg)) {
      emit(library, testCase.alg, "unsupported", "unsupported");
      continue;
    }
    await checkValid(library, testCase, verify);
    await checkRefused(library, testCase, verify, isRefusal);
  }
}

// encrypt takes a case and the content; the JWEs go into the results, for interop.py to open.
export async function encryptAll(library, supported, encrypt) {
  for (const testCase of session.cases) {
    if (!supported.includes(testCase.alg)) continue; // as verifyAll has said
    try {
      const token = await encrypt(testCase, JSON.stringify({ aud: testCase.audience }));
      emit(library, testCase.alg, "made", "pass", token);
    } catch (error) {
      emit(library, testCase.alg, "made", "fail", describe(error));
    }
  }
}

// One use of the server, that is no verification: passes unless it throws.
export async function step(library, name, action) {
  try {
    const result = await action();
    emit(library, "-", name, "pass");
    return result;
  } catch (error) {
    emit(library, "-", name, "fail", describe(error));
    throw error;
  }
}
