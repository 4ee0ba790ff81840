import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { assumeDeployRoles } from './copy.ts';
import type { Ledger } from './ledger.ts';
import { readTargets } from './provision.ts';
import type { Foundation } from './support/foundation.ts';
import { LambdaFn } from './support/lambda-fn.ts';

export interface DeployHostsProps {
  readonly foundation: Foundation;
  readonly ledger: Ledger;
}

/** Releases to hosts, through the deploy role of their environment and Run Command. */
export class DeployHosts extends Construct {
  readonly deploy: LambdaFn;

  constructor(scope: Construct, id: string, { foundation, ledger }: DeployHostsProps) {
    super(scope, id);
    this.deploy = new LambdaFn(this, 'DeployHosts', {
      name: 'deploy-hosts',
      description:
        'Conveyor deploy-hosts: one step of a rollout, and what the hosts were seen to run',
      grants: [
        foundation.writeTable,
        foundation.readConfig,
        ledger.readSecret,
        assumeDeployRoles(this, foundation),
        readTargets(this, foundation),
      ],
      timeout: Duration.minutes(2),
      removalPolicy: foundation.removalPolicy,
    });
  }
}
