-- CreateEnum
CREATE TYPE "MeterAggregation" AS ENUM ('COUNT', 'SUM', 'MAX', 'MIN', 'AVG', 'UNIQUE');

-- CreateTable
CREATE TABLE "Meter" (
    "id" TEXT NOT NULL,
    "organizationId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "filter" JSONB,
    "aggregation" "MeterAggregation" NOT NULL,
    "property" TEXT,
    "startsAfter" BIGINT NOT NULL DEFAULT 0,
    "filledTo" BIGINT NOT NULL DEFAULT 0,
    "filled" INTEGER NOT NULL DEFAULT 0,
    "toFill" INTEGER,
    "filledAt" TIMESTAMPTZ(3),
    "archivedAt" TIMESTAMPTZ(3),
    "endsAfter" BIGINT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "Meter_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "UsageEvent" (
    "id" TEXT NOT NULL,
    "sequence" BIGSERIAL NOT NULL,
    "organizationId" TEXT NOT NULL,
    "customerId" TEXT,
    "externalCustomerId" TEXT,
    "name" TEXT NOT NULL,
    "timestamp" TIMESTAMPTZ(3) NOT NULL,
    "externalId" TEXT,
    "metadata" JSONB NOT NULL DEFAULT '{}',
    "recordedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "UsageEvent_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "UsageImport" (
    "organizationId" TEXT NOT NULL,
    "batch" TEXT NOT NULL,
    "lines" BIGINT NOT NULL DEFAULT 0,
    "ingested" BIGINT NOT NULL DEFAULT 0,
    "duplicates" BIGINT NOT NULL DEFAULT 0,
    "refused" BIGINT NOT NULL DEFAULT 0,
    "finishedAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "UsageImport_pkey" PRIMARY KEY ("organizationId","batch")
);

-- CreateIndex
CREATE INDEX "Meter_organizationId_id_idx" ON "Meter"("organizationId", "id");

-- CreateIndex
CREATE INDEX "UsageEvent_organizationId_sequence_idx" ON "UsageEvent"("organizationId", "sequence");

-- CreateIndex
CREATE INDEX "UsageEvent_organizationId_timestamp_idx" ON "UsageEvent"("organizationId", "timestamp");

-- CreateIndex
CREATE INDEX "UsageEvent_customerId_timestamp_idx" ON "UsageEvent"("customerId", "timestamp");

-- CreateIndex
CREATE UNIQUE INDEX "UsageEvent_organizationId_externalId_key" ON "UsageEvent"("organizationId", "externalId");

-- AddForeignKey
ALTER TABLE "Meter" ADD CONSTRAINT "Meter_organizationId_fkey" FOREIGN KEY ("organizationId") REFERENCES "Organization"("id") ON DELETE CASCADE ON UPDATE CASCADE;
-- By hand: what a Prisma schema cannot say.

-- Usage of customers who do not exist yet, found when they come.
CREATE INDEX "UsageEvent_strangers_idx"
  ON "UsageEvent"("organizationId", "externalCustomerId", "sequence") WHERE "customerId" IS NULL;
