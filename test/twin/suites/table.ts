import { dynamoTableContract } from '../../contract/dynamo-table.ts';
import type { Use } from './support.ts';

export function table(use: Use): void {
  dynamoTableContract(() => use().endpoint);
}
