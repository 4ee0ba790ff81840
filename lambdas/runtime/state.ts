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
export const releases = new TableReleases(table);
export const promotions = new TablePromotions(table);
export const lines = new TableLines(table);
export const approvals = new TableApprovals(table);
export const rollouts = new TableRollouts(table);
export const provisionRuns = new TableProvisionRuns(table);
export const provisionTurns = new TableProvisionTurns(table);
export const sightings = new TableSightings(table);
