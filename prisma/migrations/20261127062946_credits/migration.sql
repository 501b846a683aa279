-- CreateEnum
CREATE TYPE "CreditSource" AS ENUM ('GRANT', 'ROLLOVER', 'TOP_UP', 'CORRECTION');

-- CreateEnum
CREATE TYPE "CreditLotState" AS ENUM ('PENDING', 'OPEN', 'WITHDRAWN', 'RETIRED', 'SPENT', 'ENDED');

-- CreateEnum
CREATE TYPE "CreditEntryType" AS ENUM ('CREDITED', 'USED', 'EXPIRED', 'CARRIED', 'WITHDRAWN', 'ADJUSTED');

-- CreateEnum
CREATE TYPE "CreditCause" AS ENUM ('USAGE', 'CONSUMPTION', 'HOLD', 'TRANSFER');

-- CreateEnum
CREATE TYPE "CreditHoldState" AS ENUM ('OPEN', 'COMMITTED', 'RELEASED', 'EXPIRED');

-- CreateTable
CREATE TABLE "CreditBalance" (
    "id" TEXT NOT NULL,
    "organizationId" TEXT NOT NULL,
    "customerId" TEXT NOT NULL,
    "meterId" TEXT NOT NULL,
    "balance" DECIMAL(50,18) NOT NULL,
    "credited" DECIMAL(50,18) NOT NULL,
    "overage" DECIMAL(50,18) NOT NULL,
    "used" DECIMAL(50,18) NOT NULL,
    "spent" DECIMAL(50,18) NOT NULL,
    "sequence" BIGINT NOT NULL,
    "asOf" TIMESTAMPTZ(3) NOT NULL,
    "dueAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "CreditBalance_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "CreditLot" (
    "id" TEXT NOT NULL,
    "balanceId" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "source" "CreditSource" NOT NULL,
    "state" "CreditLotState" NOT NULL,
    "grantId" TEXT,
    "family" TEXT,
    "periodStart" TIMESTAMPTZ(3),
    "amount" DECIMAL(50,18) NOT NULL,
    "used" DECIMAL(50,18) NOT NULL,
    "remaining" DECIMAL(50,18) NOT NULL,
    "lost" DECIMAL(50,18) NOT NULL,
    "carries" TEXT[],
    "carriesMost" DECIMAL(50,18),
    "priority" INTEGER NOT NULL,
    "effectiveAt" TIMESTAMPTZ(3) NOT NULL,
    "expiresAt" TIMESTAMPTZ(3),
    "note" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "CreditLot_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "CreditEntry" (
    "id" TEXT NOT NULL,
    "balanceId" TEXT NOT NULL,
    "sequence" BIGINT NOT NULL,
    "type" "CreditEntryType" NOT NULL,
    "units" DECIMAL(50,18) NOT NULL,
    "lotId" TEXT,
    "cause" "CreditCause",
    "note" TEXT,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "balance" DECIMAL(50,18) NOT NULL,
    "credited" DECIMAL(50,18) NOT NULL,
    "overage" DECIMAL(50,18) NOT NULL,
    "used" DECIMAL(50,18) NOT NULL,

    CONSTRAINT "CreditEntry_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "CreditHold" (
    "id" TEXT NOT NULL,
    "balanceId" TEXT NOT NULL,
    "state" "CreditHoldState" NOT NULL,
    "units" DECIMAL(50,18) NOT NULL,
    "committed" DECIMAL(50,18),
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "endedAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "CreditHold_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "CreditThreshold" (
    "id" TEXT NOT NULL,
    "organizationId" TEXT NOT NULL,
    "meterId" TEXT NOT NULL,
    "customerId" TEXT,
    "units" DECIMAL(50,18),
    "percent" DECIMAL(9,6),
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "CreditThreshold_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "CreditBalance_meterId_idx" ON "CreditBalance"("meterId");

-- CreateIndex
CREATE INDEX "CreditBalance_dueAt_idx" ON "CreditBalance"("dueAt");

-- CreateIndex
CREATE UNIQUE INDEX "CreditBalance_customerId_meterId_key" ON "CreditBalance"("customerId", "meterId");

-- CreateIndex
CREATE UNIQUE INDEX "CreditLot_key_key" ON "CreditLot"("key");

-- CreateIndex
CREATE INDEX "CreditLot_balanceId_state_idx" ON "CreditLot"("balanceId", "state");

-- CreateIndex
CREATE INDEX "CreditLot_grantId_periodStart_idx" ON "CreditLot"("grantId", "periodStart");

-- CreateIndex
CREATE INDEX "CreditEntry_balanceId_at_sequence_idx" ON "CreditEntry"("balanceId", "at", "sequence");

-- CreateIndex
CREATE UNIQUE INDEX "CreditEntry_balanceId_sequence_key" ON "CreditEntry"("balanceId", "sequence");

-- CreateIndex
CREATE INDEX "CreditHold_balanceId_state_idx" ON "CreditHold"("balanceId", "state");

-- CreateIndex
CREATE INDEX "CreditThreshold_meterId_idx" ON "CreditThreshold"("meterId");

-- CreateIndex
CREATE INDEX "CreditThreshold_customerId_idx" ON "CreditThreshold"("customerId");

-- AddForeignKey
ALTER TABLE "CreditBalance" ADD CONSTRAINT "CreditBalance_customerId_fkey" FOREIGN KEY ("customerId") REFERENCES "Customer"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "CreditBalance" ADD CONSTRAINT "CreditBalance_meterId_fkey" FOREIGN KEY ("meterId") REFERENCES "Meter"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "CreditLot" ADD CONSTRAINT "CreditLot_balanceId_fkey" FOREIGN KEY ("balanceId") REFERENCES "CreditBalance"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "CreditLot" ADD CONSTRAINT "CreditLot_grantId_fkey" FOREIGN KEY ("grantId") REFERENCES "BenefitGrant"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "CreditEntry" ADD CONSTRAINT "CreditEntry_balanceId_fkey" FOREIGN KEY ("balanceId") REFERENCES "CreditBalance"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "CreditHold" ADD CONSTRAINT "CreditHold_balanceId_fkey" FOREIGN KEY ("balanceId") REFERENCES "CreditBalance"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "CreditThreshold" ADD CONSTRAINT "CreditThreshold_meterId_fkey" FOREIGN KEY ("meterId") REFERENCES "Meter"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "CreditThreshold" ADD CONSTRAINT "CreditThreshold_customerId_fkey" FOREIGN KEY ("customerId") REFERENCES "Customer"("id") ON DELETE CASCADE ON UPDATE CASCADE;
-- By hand: what a Prisma schema cannot say.

-- A balance goes below zero only by its overage, a lot never does.
ALTER TABLE "CreditLot" ADD CONSTRAINT "CreditLot_remaining_not_negative" CHECK ("remaining" >= 0 AND "used" >= 0 AND "amount" >= 0);
ALTER TABLE "CreditLot" ADD CONSTRAINT "CreditLot_over_is_empty" CHECK ("state" = 'OPEN' OR "remaining" = 0);
ALTER TABLE "CreditBalance" ADD CONSTRAINT "CreditBalance_overage_not_negative" CHECK ("overage" >= 0);
ALTER TABLE "CreditHold" ADD CONSTRAINT "CreditHold_commits_what_it_holds" CHECK ("units" > 0 AND "committed" <= "units");
ALTER TABLE "CreditThreshold" ADD CONSTRAINT "CreditThreshold_one_level" CHECK (num_nonnulls("units", "percent") = 1);

-- The ledger is only ever added to.
-- Statements are told apart by their semicolons, so that those within the function are written as escapes.
CREATE FUNCTION "refuse_change_of_ledger"() RETURNS trigger LANGUAGE plpgsql
  AS E'BEGIN RAISE EXCEPTION \'Entries of the ledger are never changed.\'\x3b END';
CREATE TRIGGER "CreditEntry_is_immutable" BEFORE UPDATE OR DELETE OR TRUNCATE ON "CreditEntry"
  FOR EACH STATEMENT EXECUTE FUNCTION "refuse_change_of_ledger"();

-- Room on the page for the next version of rows that change often, so that their indexes need no touch.
ALTER TABLE "CreditBalance" SET (fillfactor = 50);
ALTER TABLE "CreditLot" SET (fillfactor = 50);
