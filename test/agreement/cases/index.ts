import type { Subject } from '../case.ts';
import { assign } from './assign.ts';
import { catching } from './catch.ts';
import { choice } from './choice.ts';
import { context } from './context.ts';
import { errors } from './errors.ts';
import { functions } from './functions.ts';
import { expressions } from './jsonata.ts';
import { library } from './jsonata-library.ts';
import { limits } from './limits.ts';
import { mapping } from './map.ts';
import { distributed } from './map-distributed.ts';
import { iterating } from './map-items.ts';
import { parallel } from './parallel.ts';
import { pass } from './pass.ts';
import { retry } from './retry.ts';
import { task } from './task.ts';
import { timeouts } from './timeout.ts';
import { token } from './token.ts';
import { waiting } from './wait.ts';

export const subjects: readonly Subject[] = [
  ...[pass, choice, task, timeouts, retry, catching, token, waiting],
  ...[mapping, iterating, distributed, parallel, assign],
  ...[expressions, library, functions, errors, context, limits],
];
