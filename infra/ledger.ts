import { Duration } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { Foundation } from './support/foundation.ts';
import { LambdaFn } from './support/lambda-fn.ts';
import { secretPolicy } from './support/secrets.ts';

/** The only writer of the Ledger. */
export class Ledger extends Construct {
  readonly update: LambdaFn;
  /** Reading the git host's credentials, for functions that show what would change. */
  readonly readSecret: PolicyStatement;

  constructor(scope: Construct, id: string, { foundation }: { readonly foundation: Foundation }) {
    super(scope, id);
    const { auth } = foundation.config.ledger.github;
    const [readSecret] = secretPolicy(this, 'token' in auth ? auth.token : auth.app.privateKey);
    if (readSecret === undefined) throw new Error('The Ledger has no credentials configured.');
    this.readSecret = readSecret;
    this.update = new LambdaFn(this, 'UpdateLedger', {
      name: 'update-ledger',
      description: 'Conveyor ledger: sets the version in the Ledger, one commit, once',
      environment: foundation.environment,
      policy: [...foundation.tablePolicy(), readSecret],
      timeout: Duration.seconds(110),
      removalPolicy: foundation.removalPolicy,
    });
  }
}
