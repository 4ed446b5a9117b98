// The tus client that most sites use, against our server: sends a file in chunks, is stopped after
// three, and goes on with nothing but the address. Reads the file from standard input, prints it.
import { readFileSync } from "node:fs";
import { Upload } from "tus-js-client";

const [endpoint, chunkSize] = [process.argv[2], Number(process.argv[3])];
const file = readFileSync(0);
const options = { chunkSize, retryDelays: [], storeFingerprintForResuming: false };

function stopped() {
  return new Promise((resolve, reject) => {
    let chunks = 0;
    const upload = new Upload(file, {
      ...options,
      endpoint,
      onError: reject,
      onSuccess: () => reject(new Error("whole before it was stopped")),
      onChunkComplete: () => {
        chunks += 1;
        if (chunks === 3) {
          upload.abort().then(() => resolve(upload.url), reject);
        }
      },
    });
    upload.start();
  });
}

function resumed(uploadUrl) {
  return new Promise((resolve, reject) => {
    let first = null;
    const upload = new Upload(file, {
      ...options,
      uploadUrl,
      onError: reject,
      onProgress: (sent) => {
        first ??= sent;
      },
      onSuccess: () => resolve(first),
    });
    upload.start();
  });
}

const url = await stopped();
const from = await resumed(url);
process.stdout.write(JSON.stringify({ url, from }));
