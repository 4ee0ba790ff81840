import { gzipSync } from 'node:zlib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { ParameterTier, StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import type { ConveyorConfig } from '../../lambdas/domain/config.ts';
import { digestOf } from '../../lambdas/domain/digest.ts';
import type { Grant } from './grant.ts';
import { CONFIG_PATH, parameterArn } from './naming.ts';

/** Characters in one standard parameter (SSM quotas: 4 KB), less room for the envelope. */
const CHUNK = 3_900;

/**
 * The checked configuration as SSM parameters `/conveyor/config/<n>`, so that running functions see a change of
 * policy at once (ADR 0004). Compressed; in as many free standard parameters as it takes; each part names the hash of
 * the whole, so that a reader in the middle of an update notices.
 */
export class StoredConfig extends Construct {
  constructor(scope: Construct, id: string, props: { readonly config: ConveyorConfig }) {
    super(scope, id);
    const json = JSON.stringify(props.config);
    const hash = digestOf(json);
    const packed = gzipSync(json, { level: 9 }).toString('base64');
    const parts = Math.ceil(packed.length / CHUNK);
    for (let n = 0; n < parts; n++)
      new StringParameter(this, `Part${n}`, {
        parameterName: `${CONFIG_PATH}/${n}`,
        tier: ParameterTier.STANDARD,
        description: `Conveyor configuration ${hash}, part ${n + 1} of ${parts}`,
        stringValue: `${hash} ${n} ${parts} ${packed.slice(n * CHUNK, (n + 1) * CHUNK)}`,
      });
  }

  get read(): Grant {
    return {
      environment: { CONFIG_PATH },
      policy: [
        new PolicyStatement({
          actions: ['ssm:GetParametersByPath'],
          resources: [parameterArn(this, CONFIG_PATH)],
        }),
      ],
    };
  }
}
