import { Duration } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { Foundation } from './support/foundation.ts';
import type { Grant } from './support/grant.ts';
import { LambdaFn } from './support/lambda-fn.ts';
import { readSecret } from './support/secrets.ts';

/** The only writer of the Ledger. */
export class Ledger extends Construct {
  readonly update: LambdaFn;
  /** Reading the git host's credentials, for functions that show what would change. */
  readonly readSecret: Grant;

  constructor(scope: Construct, id: string, { foundation }: { readonly foundation: Foundation }) {
    super(scope, id);
    const { auth } = foundation.config.ledger.github;
    this.readSecret = readSecret(this, 'token' in auth ? auth.token : auth.app.privateKey);
    this.update = new LambdaFn(this, 'UpdateLedger', {
      name: 'update-ledger',
      description: 'Conveyor ledger: sets the version in the Ledger, one commit, once',
      grants: [foundation.writeTable, foundation.readConfig, this.readSecret],
      timeout: Duration.seconds(110),
      removalPolicy: foundation.removalPolicy,
    });
  }
}
