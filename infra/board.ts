import { CfnOutput, Stack } from 'aws-cdk-lib';
import { FunctionUrlAuthType } from 'aws-cdk-lib/aws-lambda';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import type { Ledger } from './ledger.ts';
import { provisionStarter, type Starter } from './starter.ts';
import type { Foundation } from './support/foundation.ts';
import { LambdaFn } from './support/lambda-fn.ts';
import { API_PATH } from './support/naming.ts';
import { readSecret } from './support/secrets.ts';

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
    const published = `${API_PATH}/url`;
    this.api = new LambdaFn(this, 'Api', {
      name: 'api',
      description: 'Conveyor: what the CLI talks to',
      grants: [
        foundation.writeTable,
        foundation.readConfig,
        ...starter.start,
        provisionStarter(this, foundation),
        ledger.readSecret,
        readSecret(this, foundation.config.argocd?.token),
        readSecret(this, published),
      ],
      environment: { URL_PARAMETER: published },
      removalPolicy: foundation.removalPolicy,
    });
    const url = this.api.function.addFunctionUrl({ authType: FunctionUrlAuthType.AWS_IAM });
    // Where the CLI finds it, and what the API itself demands that a caller's proof was made for.
    new StringParameter(this, 'Published', { parameterName: published, stringValue: url.url });
    new CfnOutput(this, 'ApiUrl', {
      value: url.url,
      // Both since October 2025 (Lambda guide, "Control access to Lambda function URLs").
      description: `Who may call it: lambda:InvokeFunctionUrl and lambda:InvokeFunction in account ${Stack.of(this).account}`,
    });
  }
}
