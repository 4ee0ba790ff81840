import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import * as z from 'zod';
import { DynamoTable } from '../adapters/dynamo-table.ts';
import { TableApprovals } from '../adapters/table-approvals.ts';
import { TableLines } from '../adapters/table-lines.ts';
import { TablePromotions } from '../adapters/table-promotions.ts';
import { TableProvisionRuns } from '../adapters/table-provision-runs.ts';
import { TableProvisionTurns } from '../adapters/table-provision-turns.ts';
import { TableReleases } from '../adapters/table-releases.ts';
import { TableRollouts } from '../adapters/table-rollouts.ts';
import { TableSightings } from '../adapters/table-sightings.ts';
import { clock } from './clock.ts';
import { readEnv } from './env.ts';

const env = readEnv({ TABLE_NAME: z.string().min(1) });

export const table = new DynamoTable(new DynamoDBClient({}), env.TABLE_NAME, clock);
// Pure, for esbuild: what a function does not name is left out of its bundle.
export const releases = /* @__PURE__ */ new TableReleases(table);
export const promotions = /* @__PURE__ */ new TablePromotions(table);
export const lines = /* @__PURE__ */ new TableLines(table);
export const approvals = /* @__PURE__ */ new TableApprovals(table);
export const rollouts = /* @__PURE__ */ new TableRollouts(table);
export const provisionRuns = /* @__PURE__ */ new TableProvisionRuns(table);
export const provisionTurns = /* @__PURE__ */ new TableProvisionTurns(table);
export const sightings = /* @__PURE__ */ new TableSightings(table);
