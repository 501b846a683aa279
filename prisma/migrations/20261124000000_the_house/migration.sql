-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateEnum
CREATE TYPE "SubscriptionStatus" AS ENUM ('INCOMPLETE', 'TRIALING', 'ACTIVE', 'PAST_DUE', 'UNPAID', 'PAUSED', 'CANCELED', 'REVOKED');

-- CreateEnum
CREATE TYPE "OrderStatus" AS ENUM ('PAID', 'PARTIALLY_REFUNDED', 'REFUNDED');

-- CreateEnum
CREATE TYPE "RefundStatus" AS ENUM ('SUCCEEDED', 'FAILED');

-- CreateEnum
CREATE TYPE "GrantState" AS ENUM ('CREATED', 'ACTIVE', 'REVOKED');

-- CreateEnum
CREATE TYPE "GrantEnd" AS ENUM ('SOURCE_ENDED', 'OFF_PRODUCT', 'BENEFIT_DELETED');

-- CreateEnum
CREATE TYPE "AttentionActor" AS ENUM ('CUSTOMER', 'MERCHANT', 'SYSTEM');

-- CreateEnum
CREATE TYPE "LicenseKeyStatus" AS ENUM ('GRANTED', 'DISABLED');

-- CreateEnum
CREATE TYPE "MailState" AS ENUM ('PLANNED', 'QUEUED', 'SENT', 'KEPT', 'FAILED', 'CANCELED');

-- CreateEnum
CREATE TYPE "WebhookDisabling" AS ENUM ('MERCHANT', 'GONE', 'FAILING');

-- CreateEnum
CREATE TYPE "WebhookDeliveryState" AS ENUM ('PENDING', 'DELIVERED', 'FAILED');

-- CreateTable
CREATE TABLE "Installation" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "secretCheck" BYTEA NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "Installation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Organization" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "graceDays" INTEGER NOT NULL DEFAULT 0,
    "supportEmail" TEXT,
    "replyTo" TEXT,
    "logoUrl" TEXT,
    "portalUrl" TEXT,
    "mutedMails" TEXT[],
    "eventSequence" BIGINT NOT NULL DEFAULT 0,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Organization_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "AccessToken" (
    "id" TEXT NOT NULL,
    "organizationId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "digest" BYTEA NOT NULL,
    "scopes" TEXT[],
    "lastUsedAt" TIMESTAMPTZ(3),
    "expiresAt" TIMESTAMPTZ(3),
    "revokedAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "AccessToken_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Customer" (
    "id" TEXT NOT NULL,
    "organizationId" TEXT NOT NULL,
    "externalId" TEXT,
    "email" TEXT NOT NULL,
    "name" TEXT,
    "metadata" JSONB NOT NULL DEFAULT '{}',
    "settleAt" TIMESTAMPTZ(3),
    "settlingUntil" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Customer_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "CustomerSession" (
    "id" TEXT NOT NULL,
    "organizationId" TEXT NOT NULL,
    "customerId" TEXT NOT NULL,
    "digest" BYTEA NOT NULL,
    "returnUrl" TEXT,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "endsAt" TIMESTAMPTZ(3) NOT NULL,
    "revokedAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "CustomerSession_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Product" (
    "id" TEXT NOT NULL,
    "organizationId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT,
    "metadata" JSONB NOT NULL DEFAULT '{}',
    "keepForBuyers" BOOLEAN NOT NULL DEFAULT false,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Product_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ProductBenefit" (
    "productId" TEXT NOT NULL,
    "benefitId" TEXT NOT NULL,
    "position" INTEGER NOT NULL,

    CONSTRAINT "ProductBenefit_pkey" PRIMARY KEY ("productId","benefitId")
);

-- CreateTable
CREATE TABLE "Benefit" (
    "id" TEXT NOT NULL,
    "organizationId" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "metadata" JSONB NOT NULL DEFAULT '{}',
    "properties" JSONB NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "deletedAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Benefit_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Subscription" (
    "id" TEXT NOT NULL,
    "organizationId" TEXT NOT NULL,
    "customerId" TEXT NOT NULL,
    "productId" TEXT NOT NULL,
    "externalId" TEXT,
    "status" "SubscriptionStatus" NOT NULL,
    "currentPeriodStart" TIMESTAMPTZ(3) NOT NULL,
    "currentPeriodEnd" TIMESTAMPTZ(3),
    "trialEndsAt" TIMESTAMPTZ(3),
    "cancelAtPeriodEnd" BOOLEAN NOT NULL DEFAULT false,
    "canceledAt" TIMESTAMPTZ(3),
    "endsAt" TIMESTAMPTZ(3),
    "pastDueAt" TIMESTAMPTZ(3),
    "reportedAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Subscription_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Order" (
    "id" TEXT NOT NULL,
    "organizationId" TEXT NOT NULL,
    "customerId" TEXT NOT NULL,
    "productId" TEXT NOT NULL,
    "externalId" TEXT,
    "status" "OrderStatus" NOT NULL DEFAULT 'PAID',
    "amount" DECIMAL(20,6),
    "currency" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Order_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Refund" (
    "id" TEXT NOT NULL,
    "organizationId" TEXT NOT NULL,
    "orderId" TEXT,
    "subscriptionId" TEXT,
    "periodStart" TIMESTAMPTZ(3),
    "amount" DECIMAL(20,6),
    "revokeAsked" BOOLEAN,
    "revokeBenefits" BOOLEAN NOT NULL,
    "status" "RefundStatus" NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Refund_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ManualGrant" (
    "id" TEXT NOT NULL,
    "customerId" TEXT NOT NULL,
    "benefitId" TEXT NOT NULL,
    "reason" TEXT,
    "expiresAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "ManualGrant_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "BenefitGrant" (
    "id" TEXT NOT NULL,
    "organizationId" TEXT NOT NULL,
    "customerId" TEXT NOT NULL,
    "benefitId" TEXT NOT NULL,
    "subscriptionId" TEXT,
    "orderId" TEXT,
    "manualGrantId" TEXT,
    "position" INTEGER NOT NULL,
    "state" "GrantState" NOT NULL DEFAULT 'CREATED',
    "entitledUntil" TIMESTAMPTZ(3),
    "endReason" "GrantEnd",
    "stoppedAt" TIMESTAMPTZ(3),
    "stopReason" TEXT,
    "grantedAt" TIMESTAMPTZ(3),
    "revokedAt" TIMESTAMPTZ(3),
    "fulfilledAt" TIMESTAMPTZ(3),
    "held" JSONB,
    "appliedVersion" INTEGER NOT NULL DEFAULT 0,
    "appliedPeriod" TIMESTAMPTZ(3),
    "attentionCode" TEXT,
    "attentionMessage" TEXT,
    "attentionActor" "AttentionActor",
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "retryAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "BenefitGrant_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Resource" (
    "organizationId" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "stood" JSONB,
    "removingId" TEXT,
    "removingUntil" TIMESTAMPTZ(3),

    CONSTRAINT "Resource_pkey" PRIMARY KEY ("organizationId","key")
);

-- CreateTable
CREATE TABLE "ResourceClaim" (
    "organizationId" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "grantId" TEXT NOT NULL,
    "level" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "ResourceClaim_pkey" PRIMARY KEY ("organizationId","key","grantId")
);

-- CreateTable
CREATE TABLE "LicenseKey" (
    "id" TEXT NOT NULL,
    "organizationId" TEXT NOT NULL,
    "customerId" TEXT NOT NULL,
    "benefitId" TEXT NOT NULL,
    "grantId" TEXT NOT NULL,
    "sealed" BYTEA NOT NULL,
    "displayKey" TEXT NOT NULL,
    "status" "LicenseKeyStatus" NOT NULL DEFAULT 'GRANTED',
    "usage" INTEGER NOT NULL DEFAULT 0,
    "limitUsage" INTEGER,
    "limitActivations" INTEGER,
    "customerAdmin" BOOLEAN NOT NULL DEFAULT false,
    "activationsRequired" BOOLEAN NOT NULL DEFAULT false,
    "expiresAt" TIMESTAMPTZ(3),
    "overrides" TEXT[],
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "LicenseKey_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "LicenseSecret" (
    "digest" BYTEA NOT NULL,
    "licenseKeyId" TEXT NOT NULL,
    "validUntil" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "LicenseSecret_pkey" PRIMARY KEY ("digest")
);

-- CreateTable
CREATE TABLE "LicenseUse" (
    "licenseKeyId" TEXT NOT NULL,
    "idempotencyKey" TEXT NOT NULL,
    "units" INTEGER NOT NULL,
    "code" TEXT NOT NULL,
    "usage" INTEGER NOT NULL,
    "limitUsage" INTEGER,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "LicenseUse_pkey" PRIMARY KEY ("licenseKeyId","idempotencyKey")
);

-- CreateTable
CREATE TABLE "LicenseActivation" (
    "id" TEXT NOT NULL,
    "licenseKeyId" TEXT NOT NULL,
    "label" TEXT NOT NULL,
    "fingerprint" TEXT,
    "conditions" JSONB NOT NULL DEFAULT '{}',
    "meta" JSONB NOT NULL DEFAULT '{}',
    "deactivatedAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "LicenseActivation_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Rollout" (
    "id" TEXT NOT NULL,
    "organizationId" TEXT NOT NULL,
    "productId" TEXT,
    "benefitId" TEXT,
    "total" INTEGER,
    "spreadAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Rollout_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "RolloutCustomer" (
    "rolloutId" TEXT NOT NULL,
    "customerId" TEXT NOT NULL,

    CONSTRAINT "RolloutCustomer_pkey" PRIMARY KEY ("rolloutId","customerId")
);

-- CreateTable
CREATE TABLE "Event" (
    "id" TEXT NOT NULL,
    "organizationId" TEXT NOT NULL,
    "sequence" BIGINT NOT NULL,
    "type" TEXT NOT NULL,
    "customerId" TEXT,
    "subjectId" TEXT NOT NULL,
    "data" JSONB NOT NULL,
    "occurredAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Event_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "IdempotencyKey" (
    "organizationId" TEXT NOT NULL,
    "operation" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "request" BYTEA NOT NULL,
    "answer" BYTEA,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "IdempotencyKey_pkey" PRIMARY KEY ("organizationId","operation","key")
);

-- CreateTable
CREATE TABLE "LicenseTally" (
    "licenseKeyId" TEXT NOT NULL,
    "validations" BIGINT NOT NULL DEFAULT 0,
    "lastValidatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "LicenseTally_pkey" PRIMARY KEY ("licenseKeyId")
);

-- CreateTable
CREATE TABLE "LicenseCheckout" (
    "id" TEXT NOT NULL,
    "licenseKeyId" TEXT NOT NULL,
    "activationId" TEXT,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "LicenseCheckout_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "SigningKey" (
    "id" TEXT NOT NULL,
    "publicKey" JSONB NOT NULL,
    "sealed" BYTEA NOT NULL,
    "signsFrom" TIMESTAMPTZ(3) NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "SigningKey_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Mail" (
    "id" TEXT NOT NULL,
    "organizationId" TEXT NOT NULL,
    "customerId" TEXT,
    "occasion" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "subjectId" TEXT,
    "about" JSONB NOT NULL DEFAULT '{}',
    "state" "MailState" NOT NULL DEFAULT 'PLANNED',
    "sendAt" TIMESTAMPTZ(3) NOT NULL,
    "lookAt" TIMESTAMPTZ(3),
    "sendingUntil" TIMESTAMPTZ(3),
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "recipient" TEXT,
    "subject" TEXT,
    "text" TEXT,
    "html" TEXT,
    "answer" TEXT,
    "resendOf" TEXT,
    "composedAt" TIMESTAMPTZ(3),
    "sentAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Mail_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "LogPosition" (
    "reader" TEXT NOT NULL,
    "organizationId" TEXT NOT NULL,
    "sequence" BIGINT NOT NULL,

    CONSTRAINT "LogPosition_pkey" PRIMARY KEY ("reader","organizationId")
);

-- CreateTable
CREATE TABLE "WebhookEndpoint" (
    "id" TEXT NOT NULL,
    "organizationId" TEXT NOT NULL,
    "url" TEXT NOT NULL,
    "description" TEXT,
    "events" TEXT[],
    "enabled" BOOLEAN NOT NULL DEFAULT true,
    "disabledAt" TIMESTAMPTZ(3),
    "disabledBecause" "WebhookDisabling",
    "since" BIGINT NOT NULL,
    "secret" BYTEA NOT NULL,
    "oldSecret" BYTEA,
    "oldSecretUntil" TIMESTAMPTZ(3),
    "line" INTEGER NOT NULL DEFAULT 0,
    "dueAt" TIMESTAMPTZ(3),
    "deliveringUntil" TIMESTAMPTZ(3),
    "failures" INTEGER NOT NULL DEFAULT 0,
    "failingSince" TIMESTAMPTZ(3),
    "retryAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "WebhookEndpoint_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "WebhookMessage" (
    "id" TEXT NOT NULL,
    "organizationId" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "body" TEXT NOT NULL,
    "occurredAt" TIMESTAMPTZ(3) NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "WebhookMessage_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "WebhookDelivery" (
    "id" TEXT NOT NULL,
    "organizationId" TEXT NOT NULL,
    "endpointId" TEXT NOT NULL,
    "messageId" TEXT NOT NULL,
    "position" BIGSERIAL NOT NULL,
    "state" "WebhookDeliveryState" NOT NULL DEFAULT 'PENDING',
    "deliveredAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "WebhookDelivery_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "WebhookAttempt" (
    "id" TEXT NOT NULL,
    "deliveryId" TEXT NOT NULL,
    "startedAt" TIMESTAMPTZ(3) NOT NULL,
    "latencyMs" INTEGER NOT NULL,
    "status" INTEGER,
    "response" TEXT,
    "error" TEXT,

    CONSTRAINT "WebhookAttempt_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "AccessToken_digest_key" ON "AccessToken"("digest");

-- CreateIndex
CREATE INDEX "AccessToken_organizationId_idx" ON "AccessToken"("organizationId");

-- CreateIndex
CREATE INDEX "Customer_settleAt_idx" ON "Customer"("settleAt");

-- CreateIndex
CREATE INDEX "Customer_organizationId_id_idx" ON "Customer"("organizationId", "id");

-- CreateIndex
CREATE UNIQUE INDEX "Customer_organizationId_externalId_key" ON "Customer"("organizationId", "externalId");

-- CreateIndex
CREATE UNIQUE INDEX "Customer_organizationId_email_key" ON "Customer"("organizationId", "email");

-- CreateIndex
CREATE UNIQUE INDEX "CustomerSession_digest_key" ON "CustomerSession"("digest");

-- CreateIndex
CREATE INDEX "CustomerSession_customerId_idx" ON "CustomerSession"("customerId");

-- CreateIndex
CREATE INDEX "Product_organizationId_idx" ON "Product"("organizationId");

-- CreateIndex
CREATE INDEX "ProductBenefit_benefitId_idx" ON "ProductBenefit"("benefitId");

-- CreateIndex
CREATE INDEX "Benefit_organizationId_type_idx" ON "Benefit"("organizationId", "type");

-- CreateIndex
CREATE INDEX "Subscription_customerId_idx" ON "Subscription"("customerId");

-- CreateIndex
CREATE INDEX "Subscription_productId_idx" ON "Subscription"("productId");

-- CreateIndex
CREATE INDEX "Subscription_organizationId_id_idx" ON "Subscription"("organizationId", "id");

-- CreateIndex
CREATE UNIQUE INDEX "Subscription_organizationId_externalId_key" ON "Subscription"("organizationId", "externalId");

-- CreateIndex
CREATE INDEX "Order_customerId_idx" ON "Order"("customerId");

-- CreateIndex
CREATE INDEX "Order_productId_idx" ON "Order"("productId");

-- CreateIndex
CREATE INDEX "Order_organizationId_id_idx" ON "Order"("organizationId", "id");

-- CreateIndex
CREATE UNIQUE INDEX "Order_organizationId_externalId_key" ON "Order"("organizationId", "externalId");

-- CreateIndex
CREATE INDEX "Refund_orderId_idx" ON "Refund"("orderId");

-- CreateIndex
CREATE INDEX "Refund_subscriptionId_idx" ON "Refund"("subscriptionId");

-- CreateIndex
CREATE UNIQUE INDEX "ManualGrant_customerId_benefitId_key" ON "ManualGrant"("customerId", "benefitId");

-- CreateIndex
CREATE INDEX "BenefitGrant_customerId_idx" ON "BenefitGrant"("customerId");

-- CreateIndex
CREATE INDEX "BenefitGrant_benefitId_idx" ON "BenefitGrant"("benefitId");

-- CreateIndex
CREATE INDEX "BenefitGrant_organizationId_state_idx" ON "BenefitGrant"("organizationId", "state");

-- CreateIndex
CREATE INDEX "BenefitGrant_organizationId_id_idx" ON "BenefitGrant"("organizationId", "id");

-- CreateIndex
CREATE UNIQUE INDEX "BenefitGrant_subscriptionId_benefitId_key" ON "BenefitGrant"("subscriptionId", "benefitId");

-- CreateIndex
CREATE UNIQUE INDEX "BenefitGrant_orderId_benefitId_key" ON "BenefitGrant"("orderId", "benefitId");

-- CreateIndex
CREATE UNIQUE INDEX "BenefitGrant_manualGrantId_benefitId_key" ON "BenefitGrant"("manualGrantId", "benefitId");

-- CreateIndex
CREATE INDEX "ResourceClaim_grantId_idx" ON "ResourceClaim"("grantId");

-- CreateIndex
CREATE UNIQUE INDEX "LicenseKey_grantId_key" ON "LicenseKey"("grantId");

-- CreateIndex
CREATE INDEX "LicenseKey_customerId_idx" ON "LicenseKey"("customerId");

-- CreateIndex
CREATE INDEX "LicenseSecret_licenseKeyId_idx" ON "LicenseSecret"("licenseKeyId");

-- CreateIndex
CREATE INDEX "LicenseActivation_licenseKeyId_createdAt_idx" ON "LicenseActivation"("licenseKeyId", "createdAt");

-- CreateIndex
CREATE INDEX "Rollout_productId_idx" ON "Rollout"("productId");

-- CreateIndex
CREATE INDEX "Rollout_benefitId_idx" ON "Rollout"("benefitId");

-- CreateIndex
CREATE INDEX "RolloutCustomer_customerId_idx" ON "RolloutCustomer"("customerId");

-- CreateIndex
CREATE INDEX "Event_customerId_sequence_idx" ON "Event"("customerId", "sequence");

-- CreateIndex
CREATE INDEX "Event_subjectId_sequence_idx" ON "Event"("subjectId", "sequence");

-- CreateIndex
CREATE UNIQUE INDEX "Event_organizationId_sequence_key" ON "Event"("organizationId", "sequence");

-- CreateIndex
CREATE INDEX "IdempotencyKey_createdAt_idx" ON "IdempotencyKey"("createdAt");

-- CreateIndex
CREATE INDEX "LicenseCheckout_expiresAt_idx" ON "LicenseCheckout"("expiresAt");

-- CreateIndex
CREATE INDEX "LicenseCheckout_licenseKeyId_idx" ON "LicenseCheckout"("licenseKeyId");

-- CreateIndex
CREATE INDEX "Mail_lookAt_idx" ON "Mail"("lookAt");

-- CreateIndex
CREATE INDEX "Mail_organizationId_id_idx" ON "Mail"("organizationId", "id");

-- CreateIndex
CREATE INDEX "Mail_customerId_idx" ON "Mail"("customerId");

-- CreateIndex
CREATE INDEX "Mail_subjectId_idx" ON "Mail"("subjectId");

-- CreateIndex
CREATE UNIQUE INDEX "Mail_organizationId_key_key" ON "Mail"("organizationId", "key");

-- CreateIndex
CREATE INDEX "WebhookEndpoint_organizationId_idx" ON "WebhookEndpoint"("organizationId");

-- CreateIndex
CREATE INDEX "WebhookEndpoint_dueAt_idx" ON "WebhookEndpoint"("dueAt");

-- CreateIndex
CREATE INDEX "WebhookMessage_createdAt_idx" ON "WebhookMessage"("createdAt");

-- CreateIndex
CREATE INDEX "WebhookDelivery_endpointId_position_idx" ON "WebhookDelivery"("endpointId", "position");

-- CreateIndex
CREATE INDEX "WebhookDelivery_endpointId_state_position_idx" ON "WebhookDelivery"("endpointId", "state", "position");

-- CreateIndex
CREATE UNIQUE INDEX "WebhookDelivery_messageId_endpointId_key" ON "WebhookDelivery"("messageId", "endpointId");

-- CreateIndex
CREATE INDEX "WebhookAttempt_deliveryId_id_idx" ON "WebhookAttempt"("deliveryId", "id");

-- AddForeignKey
ALTER TABLE "AccessToken" ADD CONSTRAINT "AccessToken_organizationId_fkey" FOREIGN KEY ("organizationId") REFERENCES "Organization"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Customer" ADD CONSTRAINT "Customer_organizationId_fkey" FOREIGN KEY ("organizationId") REFERENCES "Organization"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "CustomerSession" ADD CONSTRAINT "CustomerSession_customerId_fkey" FOREIGN KEY ("customerId") REFERENCES "Customer"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Product" ADD CONSTRAINT "Product_organizationId_fkey" FOREIGN KEY ("organizationId") REFERENCES "Organization"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ProductBenefit" ADD CONSTRAINT "ProductBenefit_productId_fkey" FOREIGN KEY ("productId") REFERENCES "Product"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ProductBenefit" ADD CONSTRAINT "ProductBenefit_benefitId_fkey" FOREIGN KEY ("benefitId") REFERENCES "Benefit"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Benefit" ADD CONSTRAINT "Benefit_organizationId_fkey" FOREIGN KEY ("organizationId") REFERENCES "Organization"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Subscription" ADD CONSTRAINT "Subscription_organizationId_fkey" FOREIGN KEY ("organizationId") REFERENCES "Organization"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Subscription" ADD CONSTRAINT "Subscription_customerId_fkey" FOREIGN KEY ("customerId") REFERENCES "Customer"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Subscription" ADD CONSTRAINT "Subscription_productId_fkey" FOREIGN KEY ("productId") REFERENCES "Product"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Order" ADD CONSTRAINT "Order_organizationId_fkey" FOREIGN KEY ("organizationId") REFERENCES "Organization"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Order" ADD CONSTRAINT "Order_customerId_fkey" FOREIGN KEY ("customerId") REFERENCES "Customer"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Order" ADD CONSTRAINT "Order_productId_fkey" FOREIGN KEY ("productId") REFERENCES "Product"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Refund" ADD CONSTRAINT "Refund_organizationId_fkey" FOREIGN KEY ("organizationId") REFERENCES "Organization"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Refund" ADD CONSTRAINT "Refund_orderId_fkey" FOREIGN KEY ("orderId") REFERENCES "Order"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Refund" ADD CONSTRAINT "Refund_subscriptionId_fkey" FOREIGN KEY ("subscriptionId") REFERENCES "Subscription"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ManualGrant" ADD CONSTRAINT "ManualGrant_customerId_fkey" FOREIGN KEY ("customerId") REFERENCES "Customer"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ManualGrant" ADD CONSTRAINT "ManualGrant_benefitId_fkey" FOREIGN KEY ("benefitId") REFERENCES "Benefit"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "BenefitGrant" ADD CONSTRAINT "BenefitGrant_customerId_fkey" FOREIGN KEY ("customerId") REFERENCES "Customer"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "BenefitGrant" ADD CONSTRAINT "BenefitGrant_benefitId_fkey" FOREIGN KEY ("benefitId") REFERENCES "Benefit"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "BenefitGrant" ADD CONSTRAINT "BenefitGrant_subscriptionId_fkey" FOREIGN KEY ("subscriptionId") REFERENCES "Subscription"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "BenefitGrant" ADD CONSTRAINT "BenefitGrant_orderId_fkey" FOREIGN KEY ("orderId") REFERENCES "Order"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "BenefitGrant" ADD CONSTRAINT "BenefitGrant_manualGrantId_fkey" FOREIGN KEY ("manualGrantId") REFERENCES "ManualGrant"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ResourceClaim" ADD CONSTRAINT "ResourceClaim_grantId_fkey" FOREIGN KEY ("grantId") REFERENCES "BenefitGrant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "LicenseKey" ADD CONSTRAINT "LicenseKey_customerId_fkey" FOREIGN KEY ("customerId") REFERENCES "Customer"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "LicenseKey" ADD CONSTRAINT "LicenseKey_benefitId_fkey" FOREIGN KEY ("benefitId") REFERENCES "Benefit"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "LicenseKey" ADD CONSTRAINT "LicenseKey_grantId_fkey" FOREIGN KEY ("grantId") REFERENCES "BenefitGrant"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "LicenseSecret" ADD CONSTRAINT "LicenseSecret_licenseKeyId_fkey" FOREIGN KEY ("licenseKeyId") REFERENCES "LicenseKey"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "LicenseUse" ADD CONSTRAINT "LicenseUse_licenseKeyId_fkey" FOREIGN KEY ("licenseKeyId") REFERENCES "LicenseKey"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "LicenseActivation" ADD CONSTRAINT "LicenseActivation_licenseKeyId_fkey" FOREIGN KEY ("licenseKeyId") REFERENCES "LicenseKey"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Rollout" ADD CONSTRAINT "Rollout_organizationId_fkey" FOREIGN KEY ("organizationId") REFERENCES "Organization"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Rollout" ADD CONSTRAINT "Rollout_productId_fkey" FOREIGN KEY ("productId") REFERENCES "Product"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Rollout" ADD CONSTRAINT "Rollout_benefitId_fkey" FOREIGN KEY ("benefitId") REFERENCES "Benefit"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "RolloutCustomer" ADD CONSTRAINT "RolloutCustomer_rolloutId_fkey" FOREIGN KEY ("rolloutId") REFERENCES "Rollout"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "RolloutCustomer" ADD CONSTRAINT "RolloutCustomer_customerId_fkey" FOREIGN KEY ("customerId") REFERENCES "Customer"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "LicenseTally" ADD CONSTRAINT "LicenseTally_licenseKeyId_fkey" FOREIGN KEY ("licenseKeyId") REFERENCES "LicenseKey"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "LicenseCheckout" ADD CONSTRAINT "LicenseCheckout_licenseKeyId_fkey" FOREIGN KEY ("licenseKeyId") REFERENCES "LicenseKey"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Mail" ADD CONSTRAINT "Mail_organizationId_fkey" FOREIGN KEY ("organizationId") REFERENCES "Organization"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Mail" ADD CONSTRAINT "Mail_customerId_fkey" FOREIGN KEY ("customerId") REFERENCES "Customer"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "WebhookDelivery" ADD CONSTRAINT "WebhookDelivery_endpointId_fkey" FOREIGN KEY ("endpointId") REFERENCES "WebhookEndpoint"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "WebhookDelivery" ADD CONSTRAINT "WebhookDelivery_messageId_fkey" FOREIGN KEY ("messageId") REFERENCES "WebhookMessage"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "WebhookAttempt" ADD CONSTRAINT "WebhookAttempt_deliveryId_fkey" FOREIGN KEY ("deliveryId") REFERENCES "WebhookDelivery"("id") ON DELETE CASCADE ON UPDATE CASCADE;
-- By hand: what a Prisma schema cannot say.

-- Exactly one source.
ALTER TABLE "BenefitGrant" ADD CONSTRAINT "BenefitGrant_one_source"
  CHECK (num_nonnulls("subscriptionId", "orderId", "manualGrantId") = 1);
ALTER TABLE "Refund" ADD CONSTRAINT "Refund_one_source"
  CHECK (num_nonnulls("orderId", "subscriptionId") = 1);

-- A fingerprint holds one place at a time.
CREATE UNIQUE INDEX "LicenseActivation_active_fingerprint_key"
  ON "LicenseActivation"("licenseKeyId", "fingerprint") WHERE "deactivatedAt" IS NULL;

ALTER TABLE "LicenseKey" ADD CONSTRAINT "LicenseKey_usage_not_negative" CHECK ("usage" >= 0);
ALTER TABLE "Installation" ADD CONSTRAINT "Installation_one_row" CHECK ("id" = 1);

-- Room on the page for the next version of rows that change often, so that their indexes need no touch.
ALTER TABLE "Organization" SET (fillfactor = 50);
ALTER TABLE "AccessToken" SET (fillfactor = 80);
ALTER TABLE "CustomerSession" SET (fillfactor = 80);
ALTER TABLE "BenefitGrant" SET (fillfactor = 80);
ALTER TABLE "LicenseKey" SET (fillfactor = 80);
ALTER TABLE "WebhookEndpoint" SET (fillfactor = 50);
ALTER TABLE "WebhookDelivery" SET (fillfactor = 80);
