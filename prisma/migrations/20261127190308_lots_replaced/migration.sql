-- AlterTable
ALTER TABLE "CreditLot" ADD COLUMN     "replaces" TEXT[] DEFAULT ARRAY[]::TEXT[];
-- By hand: what a Prisma schema cannot say.
