import { failed, gave, type Otherwise } from './otherwise.ts';

const caught = (input: unknown) => gave(['One', 'before', input]);

/** What CreateStateMachine and StartExecution refuse, and the engine takes. */
export const refused: readonly Otherwise[] = [
  {
    construct: 'Definitions that CreateStateMachine refuses',
    does: 'takes them, and does something or other',
    because:
      'the simulation’s interpreter refuses them as AWS does, and every definition of ours is read by it',
    observed: {
      'Pass, and where expressions are read': {
        'refuses an expression with a space before it': gave(' {% 1 + 1 %}'),
        'refuses an expression that is not closed': gave('{% 1 + 1'),
        'refuses a path field: Result belongs to JSONPath': gave({}),
        'refuses a path field: InputPath belongs to JSONPath': gave({}),
        'refuses a state that leads nowhere': gave({}),
        'refuses a state that leads to one that is not there': failed('States.Runtime'),
      },
      Task: {
        'refuses $states.result in Arguments': gave(null),
        'refuses $states.errorOutput outside Catch': gave(null),
      },
      Catch: {
        'refuses States.ALL beside another name': caught({
          Error: 'E',
          Cause: '{"errorMessage": "as told", "errorType": "E"}',
        }),
        'refuses States.ALL before another catcher': caught('caught'),
      },
      Wait: {
        'refuses both Seconds and Timestamp': gave({}),
        'refuses neither Seconds nor Timestamp': gave({}),
      },
      'Map, inline: errors and variables': {
        'a variable of outside cannot be assigned within: refused': gave([1, 2, 3]),
      },
      Parallel: { 'a variable of outside cannot be assigned within: refused': gave([{}]) },
      Assign: {
        'a part of a variable cannot be assigned: refused': gave({}),
        '$states cannot be assigned: refused': gave({}),
        'a name does not begin with a digit: refused': gave({}),
        'a name has at most 80 characters: refused': gave({}),
        'Assign is no field of Succeed: refused': gave({}),
      },
      Limits: { 'a state’s name has at most 80 characters: refused': gave({}) },
    },
  },
  {
    construct: 'Names of executions',
    does: 'takes any, however long and with any character',
    because:
      'an execution is named by its promotion’s id, whose form `lambdas/domain` checks, and the simulation refuses others',
    observed: {
      Limits: {
        'an execution’s name has at most 80 characters: refused': gave('never'),
        'an execution’s name has no space: refused': gave('never'),
        'an execution’s name has no colon: refused': gave('never'),
      },
    },
  },
  {
    construct: 'Data of more than 256 KiB',
    does: 'lets it pass, as input, payload, result, output and variable',
    because: 'no definition shows it; the simulation fails on it, long before on AWS',
    observed: {
      Limits: {
        'an output of more than 256 KiB does not': gave('never'),
        'bytes are counted, not characters': gave('never'),
        'a function’s result of more than 256 KiB fails the task': gave('small'),
        'which States.ALL does not catch': gave('small'),
        'Arguments of more than 256 KiB fail the task': gave('small'),
        'two variables of one Assign that make more than 256 KiB together cannot': gave('never'),
        'an input of more than 256 KiB is refused': gave('never'),
      },
    },
  },
];
