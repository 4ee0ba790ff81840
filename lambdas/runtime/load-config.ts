import * as z from 'zod';
import { clock } from './clock.ts';
import { configReader } from './config.ts';
import { readEnv } from './env.ts';
import { ssm } from './ssm.ts';

const env = readEnv({ CONFIG_PATH: z.string().min(1) });

export const loadConfig = configReader(ssm, env.CONFIG_PATH, clock);
