import { SsmProvisioning } from '../adapters/ssm-provisioning.ts';
import { clock } from './clock.ts';
import { ssm } from './ssm.ts';

export const parameters = new SsmProvisioning(ssm, clock);
