/**
 * Public list prices of us-east-1 in dollars, without free tiers, as known in November 2026. Another region, or a newer
 * price: change the number, and everything computed from it follows.
 */
export const PRICES = {
  stateTransition: 0.025 / 1_000,
  lambdaRequest: 0.2 / 1e6,
  /** arm64. */
  lambdaGigabyteSecond: 0.0000133334,
  dynamoReadUnit: 0.125 / 1e6,
  dynamoWriteUnit: 0.625 / 1e6,
  kmsRequest: 0.03 / 10_000,
  kmsKeyMonth: 1,
  snsPublish: 0.5 / 1e6,
  snsMail: 2 / 100_000,
  eventAcrossAccounts: 1 / 1e6,
  schedule: 1 / 1e6,
  logGigabyte: 0.5,
  trace: 5 / 1e6,
  alarmMonth: 0.1,
} as const;
