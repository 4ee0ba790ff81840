/** Bytes. A hundred events with the longest keys are well below. */
export const LARGEST_BODY = 256 * 1_024;

/**
 * The request's body, byte for byte, or undefined where it is larger than that: then nothing more of it is read. A
 * Content-Length that says so is enough; one that says less is not believed, as Hono's own `bodyLimit` would.
 */
export async function readWebhookBody(request: Request): Promise<Uint8Array | undefined> {
  if (Number(request.headers.get('content-length')) > LARGEST_BODY) return undefined;
  const chunks: Uint8Array[] = [];
  let length = 0;
  // Leaving the loop cancels the stream.
  for await (const chunk of request.body ?? []) {
    length += chunk.byteLength;
    if (length > LARGEST_BODY) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
