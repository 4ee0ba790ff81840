import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoTable } from '../adapters/dynamo-table.ts';
import { SystemClock } from '../adapters/system-clock.ts';
import { TableApprovals } from '../adapters/table-approvals.ts';
import { TableLines } from '../adapters/table-lines.ts';
import { TablePromotions } from '../adapters/table-promotions.ts';
import { TableReleases } from '../adapters/table-releases.ts';
import { configReader } from './config.ts';
import { readEnv, STATE_ENV } from './env.ts';
import { ssm } from './ssm.ts';

const env = readEnv(STATE_ENV);

export const clock = new SystemClock();
export const table = new DynamoTable(new DynamoDBClient({}), env.TABLE_NAME, clock);
export const releases = new TableReleases(table);
export const promotions = new TablePromotions(table);
export const lines = new TableLines(table);
export const approvals = new TableApprovals(table);
export const loadConfig = configReader(ssm, env.CONFIG_PATH, clock);
