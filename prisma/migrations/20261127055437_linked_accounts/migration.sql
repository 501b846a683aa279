-- CreateEnum
CREATE TYPE "Provider" AS ENUM ('GITHUB', 'DISCORD');

-- AlterTable
ALTER TABLE "Benefit" ADD COLUMN     "lookedAt" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "LinkedAccount" (
    "id" TEXT NOT NULL,
    "organizationId" TEXT NOT NULL,
    "customerId" TEXT NOT NULL,
    "provider" "Provider" NOT NULL,
    "accountId" TEXT NOT NULL,
    "username" TEXT NOT NULL,
    "scopes" TEXT[],
    "tokens" BYTEA,
    "isRefused" BOOLEAN NOT NULL DEFAULT false,
    "inUse" BOOLEAN NOT NULL,
    "linkedAt" TIMESTAMPTZ(3) NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "LinkedAccount_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "AccountLink" (
    "id" TEXT NOT NULL,
    "organizationId" TEXT NOT NULL,
    "provider" "Provider" NOT NULL,
    "customerId" TEXT,
    "sessionId" TEXT,
    "ticket" BYTEA NOT NULL,
    "state" BYTEA,
    "verifier" BYTEA,
    "returnUrl" TEXT,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "AccountLink_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "Integration" (
    "id" TEXT NOT NULL,
    "organizationId" TEXT NOT NULL,
    "provider" "Provider" NOT NULL,
    "placeId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "errorCode" TEXT,
    "errorMessage" TEXT,
    "errorAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Integration_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "AllowanceUse" (
    "id" BIGSERIAL NOT NULL,
    "name" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "AllowanceUse_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "LinkedAccount_organizationId_provider_accountId_idx" ON "LinkedAccount"("organizationId", "provider", "accountId");

-- CreateIndex
CREATE UNIQUE INDEX "LinkedAccount_customerId_provider_accountId_key" ON "LinkedAccount"("customerId", "provider", "accountId");

-- CreateIndex
CREATE UNIQUE INDEX "AccountLink_ticket_key" ON "AccountLink"("ticket");

-- CreateIndex
CREATE UNIQUE INDEX "AccountLink_state_key" ON "AccountLink"("state");

-- CreateIndex
CREATE INDEX "AccountLink_expiresAt_idx" ON "AccountLink"("expiresAt");

-- CreateIndex
CREATE UNIQUE INDEX "Integration_organizationId_provider_placeId_key" ON "Integration"("organizationId", "provider", "placeId");

-- CreateIndex
CREATE INDEX "AllowanceUse_name_at_idx" ON "AllowanceUse"("name", "at");

-- AddForeignKey
ALTER TABLE "LinkedAccount" ADD CONSTRAINT "LinkedAccount_customerId_fkey" FOREIGN KEY ("customerId") REFERENCES "Customer"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "AccountLink" ADD CONSTRAINT "AccountLink_customerId_fkey" FOREIGN KEY ("customerId") REFERENCES "Customer"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "Integration" ADD CONSTRAINT "Integration_organizationId_fkey" FOREIGN KEY ("organizationId") REFERENCES "Organization"("id") ON DELETE CASCADE ON UPDATE CASCADE;
-- By hand: what a Prisma schema cannot say.
