-- AlterTable
ALTER TABLE "CreditEntry" ADD COLUMN     "nextExpiryAt" TIMESTAMPTZ(3);
-- By hand: what a Prisma schema cannot say.
