import type { Merchant } from './boon.ts';

const CREATE_BENEFIT = `mutation ($input: CreateBenefitInput!) {
  createBenefit(input: $input) { ... on CreateBenefitPayload { benefit { id } } ... on UserError { message } } }`;
const CREATE_PRODUCT = `mutation ($input: CreateProductInput!) {
  createProduct(input: $input) { ... on CreateProductPayload { product { id } } ... on UserError { message } } }`;
const SET_BENEFITS = `mutation ($input: UpdateProductBenefitsInput!) {
  updateProductBenefits(input: $input) { ... on UpdateProductBenefitsPayload { product { id } } ... on UserError { message } } }`;

export const licenseKeys = (description: string) => ({
  description,
  properties: { licenseKeys: { prefix: 'BENCH', activations: { limit: 3 } } },
});
export const note = (description: string) => ({
  description,
  properties: { custom: { note: 'Hello {{customer.name}}' } },
});

export async function createBenefit(merchant: Merchant, input: object): Promise<string> {
  const { createBenefit: made } = await merchant.ask<{ createBenefit: { benefit: { id: string } } }>(CREATE_BENEFIT, {
    input,
  });
  return made.benefit.id;
}

export async function createProduct(merchant: Merchant, name: string, benefitIds: readonly string[]): Promise<string> {
  const { createProduct: made } = await merchant.ask<{ createProduct: { product: { id: string } } }>(CREATE_PRODUCT, {
    input: { name },
  });
  await setBenefits(merchant, made.product.id, benefitIds);
  return made.product.id;
}

export async function setBenefits(merchant: Merchant, id: string, benefitIds: readonly string[]): Promise<void> {
  await merchant.ask(SET_BENEFITS, { input: { id, benefitIds } });
}
