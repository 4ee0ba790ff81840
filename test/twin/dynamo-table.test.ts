import { describe } from 'vitest';
import { dynamoTableContract } from '../contract/dynamo-table.ts';

const endpoint = process.env.TWIN_ENDPOINT;

/** Against an emulator that runs already: `TWIN_ENDPOINT=http://127.0.0.1:4566 npx vitest run --project twin dynamo-table`. */
describe.runIf(endpoint !== undefined)('at TWIN_ENDPOINT', () => {
  dynamoTableContract(() => new URL(endpoint ?? ''));
});
