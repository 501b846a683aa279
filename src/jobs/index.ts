import type { FulfillmentOptions } from '../benefits/fulfillment.ts';
import type { MailOptions } from '../benefits/mail/delivery.ts';
import { readersOf } from '../benefits/readers.ts';
import { AUDIT_CREDITS } from '../domain/credits/audit.ts';
import { PASS_TIME } from '../domain/credits/due.ts';
import type { FileOptions } from '../domain/files/verification.ts';
import { FREE_FILE, VERIFY_FILE } from '../domain/files/versions.ts';
import { LOOK_AFTER } from '../domain/looks.ts';
import { SEND_MAIL } from '../domain/mails/queue.ts';
import { FILL_METER } from '../domain/meters/filling.ts';
import { READ_LOG } from '../domain/readers.ts';
import { SPREAD_ROLLOUT } from '../domain/rollouts.ts';
import { SETTLE_CUSTOMER, SETTLE_OUTSIDE } from '../domain/settlements.ts';
import { ADOPT_USAGE } from '../domain/usage/strangers.ts';
import type { Courier } from '../domain/webhooks/courier.ts';
import { DELIVER_WEBHOOKS } from '../domain/webhooks/due.ts';
import type { Queue, QueueSettings } from '../platform/queue.ts';
import { adoptUsage } from './adopt-usage.ts';
import { auditCredits } from './audit-credits.ts';
import { deliverWebhooks } from './deliver-webhooks.ts';
import { fillMeter } from './fill-meter.ts';
import { freeFile } from './free-file.ts';
import type { Handler } from './handler.ts';
import { lookAfterBenefit } from './look-after-benefit.ts';
import { passTime } from './pass-time.ts';
import { readLog } from './read-log.ts';
import { sendMail } from './send-mail.ts';
import { settleCustomer } from './settle-customer.ts';
import { settleOutside } from './settle-outside.ts';
import { spreadRollout } from './spread-rollout.ts';
import { verifyFile } from './verify-file.ts';

/** Every queue there is. `short`: of the jobs with one key, one waits at most. */
export const QUEUES: readonly QueueSettings[] = [
  { name: SETTLE_CUSTOMER, policy: 'short', retryLimit: 5, retryDelaySeconds: 2, expireSeconds: 300 },
  { name: SETTLE_OUTSIDE, policy: 'short', retryLimit: 5, retryDelaySeconds: 10, expireSeconds: 900 },
  { name: SPREAD_ROLLOUT, policy: 'short', retryLimit: 20, retryDelaySeconds: 5, expireSeconds: 900 },
  { name: DELIVER_WEBHOOKS, policy: 'short', retryLimit: 0, retryDelaySeconds: 1, expireSeconds: 60 },
  { name: READ_LOG, policy: 'short', retryLimit: 0, retryDelaySeconds: 1, expireSeconds: 120 },
  { name: SEND_MAIL, policy: 'short', retryLimit: 2, retryDelaySeconds: 30, expireSeconds: 300 },
  { name: FILL_METER, policy: 'short', retryLimit: 20, retryDelaySeconds: 5, expireSeconds: 3600 },
  { name: ADOPT_USAGE, policy: 'short', retryLimit: 20, retryDelaySeconds: 5, expireSeconds: 900 },
  { name: AUDIT_CREDITS, policy: 'short', retryLimit: 2, retryDelaySeconds: 60, expireSeconds: 7_200 },
  { name: PASS_TIME, policy: 'short', retryLimit: 5, retryDelaySeconds: 2, expireSeconds: 300 },
  { name: LOOK_AFTER, policy: 'short', retryLimit: 2, retryDelaySeconds: 60, expireSeconds: 900 },
  { name: VERIFY_FILE, policy: 'short', retryLimit: 20, retryDelaySeconds: 2, expireSeconds: 7_200 },
  { name: FREE_FILE, policy: 'short', retryLimit: 20, retryDelaySeconds: 5, expireSeconds: 900 },
];

export type JobOptions = FulfillmentOptions & MailOptions & FileOptions & { courier: Courier };

/** Every handler there is, set to work. */
export async function startJobs(queue: Queue, options: JobOptions): Promise<void> {
  const handlers: Handler<never>[] = [
    settleCustomer(options, 'front'),
    settleCustomer(options, 'back'),
    settleOutside(options),
    spreadRollout(options.transaction),
    readLog(options.transaction, readersOf(options)),
    deliverWebhooks(options.courier),
    sendMail(options),
    fillMeter(options.transaction),
    adoptUsage(options.transaction),
    lookAfterBenefit(options),
    verifyFile(options),
    freeFile(options),
    passTime(options.transaction),
    auditCredits({ ...options, ...options.means }),
  ];
  for (const { name, handle, ...settings } of handlers) await queue.work(name, settings, handle);
}
