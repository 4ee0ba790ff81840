import {
  Alarm,
  ComparisonOperator,
  type IAlarmAction,
  type IMetric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';

export interface AlarmOnAnyProps {
  readonly metric: IMetric;
  /** What has happened, in one sentence. */
  readonly description: string;
  /** The heading of `docs/runbook.md` that says what to do. */
  readonly runbook: string;
  readonly action: IAlarmAction;
}

/** An alarm that rings at the first one. */
export function alarmOnAny(scope: Construct, id: string, props: AlarmOnAnyProps): Alarm {
  const alarm = new Alarm(scope, id, {
    metric: props.metric,
    threshold: 1,
    evaluationPeriods: 1,
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    treatMissingData: TreatMissingData.NOT_BREACHING,
    alarmDescription: `${props.description} Runbook: docs/runbook.md#${props.runbook}`,
  });
  alarm.addAlarmAction(props.action);
  return alarm;
}
