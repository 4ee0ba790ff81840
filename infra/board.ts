import { CfnOutput, Stack } from 'aws-cdk-lib';
import { FunctionUrlAuthType } from 'aws-cdk-lib/aws-lambda';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import type { Ledger } from './ledger.ts';
import type { Starter } from './promote.ts';
import type { Foundation } from './support/foundation.ts';
import { LambdaFn } from './support/lambda-fn.ts';
import { API_PATH } from './support/naming.ts';
import { secretPolicy } from './support/secrets.ts';

export interface BoardProps {
  readonly foundation: Foundation;
  readonly starter: Starter;
  readonly ledger: Ledger;
}

/** What people's tools talk to, by their AWS identity. */
export class Board extends Construct {
  readonly api: LambdaFn;

  constructor(scope: Construct, id: string, { foundation, starter, ledger }: BoardProps) {
    super(scope, id);
    const audience = `conveyor:${foundation.config.tools.account}:${foundation.config.tools.region}`;
    this.api = new LambdaFn(this, 'Api', {
      name: 'api',
      description: 'Conveyor: what the CLI talks to',
      environment: { ...foundation.environment, ...starter.environment, AUDIENCE: audience },
      policy: [
        ...foundation.tablePolicy(),
        ...starter.policy,
        ledger.readSecret,
        ...secretPolicy(this, foundation.config.argocd?.token),
      ],
      removalPolicy: foundation.removalPolicy,
    });
    const url = this.api.function.addFunctionUrl({ authType: FunctionUrlAuthType.AWS_IAM });
    for (const [name, stringValue] of [['url', url.url], ['audience', audience]] as const)
      new StringParameter(this, `Parameter-${name}`, { parameterName: `${API_PATH}/${name}`, stringValue });
    new CfnOutput(this, 'ApiUrl', { value: url.url, description: `Who may call it: lambda:InvokeFunctionUrl in account ${Stack.of(this).account}` });
  }
}
