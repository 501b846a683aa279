-- CreateTable
CREATE TABLE "CreditAudit" (
    "day" TEXT NOT NULL,
    "disagreements" INTEGER,
    "startedAt" TIMESTAMPTZ(3) NOT NULL,
    "endedAt" TIMESTAMPTZ(3),

    CONSTRAINT "CreditAudit_pkey" PRIMARY KEY ("day")
);
-- By hand: what a Prisma schema cannot say.
