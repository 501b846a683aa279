/** Written by codegen.ts: what the client sends, by name. */
export const DOCUMENTS = {
  "AbortFileUpload": {
    "id": "sha256:56d8a08682fcf50b8bee5522508fe857e073a787d5fc4c3dcda5071ad767809d",
    "text": "mutation AbortFileUpload($input: AbortFileUploadInput!) {\n  abortFileUpload(input: $input) {\n    __typename\n    ... on AbortFileUploadPayload {\n      file {\n        id\n      }\n    }\n    ... on UserError {\n      code\n      message\n      path\n    }\n  }\n}"
  },
  "ActivateLicenseKey": {
    "id": "sha256:62491fa40489c1f2188fe71524cb4645f1cbdebdcc9a1366be935d7046bb5f07",
    "text": "mutation ActivateLicenseKey($input: ActivateLicenseKeyInput!) {\n  activateLicenseKey(input: $input) {\n    __typename\n    ... on ActivateLicenseKeyPayload {\n      activation {\n        id\n        label\n        createdAt\n      }\n    }\n    ... on UserError {\n      code\n      message\n      path\n    }\n  }\n}"
  },
  "AnnounceFile": {
    "id": "sha256:7bd5b604177cf571168505c99d5a6afcaf496dd3bb87eba223bcc3c5c6404bd8",
    "text": "mutation AnnounceFile($input: CreateFileInput!) {\n  createFile(input: $input) {\n    __typename\n    ... on CreateFilePayload {\n      file {\n        id\n        name\n        status\n      }\n      upload {\n        partSize\n        parts {\n          number\n          url\n          headers {\n            name\n            value\n          }\n        }\n      }\n    }\n    ... on UserError {\n      code\n      message\n      path\n    }\n  }\n}"
  },
  "BenefitGrantChanged": {
    "id": "sha256:295534c35cd340069a474027da887208bca49f344336f8e2a3333c84fce00986",
    "text": "subscription BenefitGrantChanged($customer: CustomerBy, $after: String) {\n  benefitGrantChanged(customer: $customer, after: $after) {\n    cursor\n    change\n    occurredAt\n    grant {\n      id\n      state\n      revoking\n      attention {\n        code\n      }\n      benefit {\n        id\n        type\n      }\n    }\n  }\n}"
  },
  "BenefitGrants": {
    "id": "sha256:f7545e149b52e95bd6d476a11e6c8aa7c1cd41557a0a434b97a9d72e6a288e37",
    "text": "query BenefitGrants($filter: BenefitGrantFilter, $first: Int, $after: String) {\n  benefitGrants(filter: $filter, first: $first, after: $after) {\n    totalCount\n    edges {\n      node {\n        id\n        state\n        isGranted\n        isRevoked\n        grantedAt\n        revokedAt\n        createdAt\n        attention {\n          code\n          message\n          actor\n        }\n        benefit {\n          id\n          type\n          description\n        }\n        customer {\n          id\n          externalId\n          email\n        }\n      }\n    }\n    pageInfo {\n      hasNextPage\n      endCursor\n    }\n  }\n}"
  },
  "CancelSubscription": {
    "id": "sha256:987e457b0a307463432af13825c481c2911708caf0820bae8aed10411b65c43c",
    "text": "mutation CancelSubscription($input: CancelSubscriptionInput!) {\n  cancelSubscription(input: $input) {\n    __typename\n    ... on CancelSubscriptionPayload {\n      subscription {\n        id\n        status\n        cancelAtPeriodEnd\n        endsAt\n      }\n    }\n    ... on UserError {\n      code\n      message\n      path\n    }\n  }\n}"
  },
  "ChangeSubscriptionProduct": {
    "id": "sha256:f2dafb22974ed4229f28d8969883275a64e9f60050f19640445209fd5451d60d",
    "text": "mutation ChangeSubscriptionProduct($input: ChangeSubscriptionProductInput!) {\n  changeSubscriptionProduct(input: $input) {\n    __typename\n    ... on ChangeSubscriptionProductPayload {\n      subscription {\n        id\n        product {\n          id\n          name\n        }\n      }\n    }\n    ... on UserError {\n      code\n      message\n      path\n    }\n  }\n}"
  },
  "CheckoutLicenseKey": {
    "id": "sha256:839f4f98f55a486513dcba316a08330f9d2784f4b6707ec09f863fb6ea282949",
    "text": "mutation CheckoutLicenseKey($input: CheckoutLicenseKeyInput!) {\n  checkoutLicenseKey(input: $input) {\n    __typename\n    ... on CheckoutLicenseKeyPayload {\n      license\n      expiresAt\n    }\n    ... on UserError {\n      code\n      message\n      path\n    }\n  }\n}"
  },
  "CompleteFile": {
    "id": "sha256:63f3f156416f369185e8e16e529757cc9c6edb0dfd5bc5178b5f33ddf6defd11",
    "text": "mutation CompleteFile($input: CompleteFileInput!) {\n  completeFile(input: $input) {\n    __typename\n    ... on CompleteFilePayload {\n      file {\n        id\n      }\n    }\n    ... on UserError {\n      code\n      message\n      path\n    }\n  }\n}"
  },
  "ConsumeLicenseKey": {
    "id": "sha256:c49520825b374baf10a827c4f9966dc341b82273dec385c70c0960abab98f9a7",
    "text": "mutation ConsumeLicenseKey($input: ConsumeLicenseKeyInput!) {\n  consumeLicenseKey(input: $input) {\n    valid\n    code\n    usage\n    limitUsage\n  }\n}"
  },
  "CreateBenefit": {
    "id": "sha256:498d568bdd7c56409d80940f0d247092fb17c2cd4292e6edf0b8320d7ea34363",
    "text": "mutation CreateBenefit($input: CreateBenefitInput!) {\n  createBenefit(input: $input) {\n    __typename\n    ... on CreateBenefitPayload {\n      benefit {\n        id\n        type\n        description\n      }\n    }\n    ... on UserError {\n      code\n      message\n      path\n    }\n  }\n}"
  },
  "CreateCustomer": {
    "id": "sha256:29b1a9e46b66f9ea8b22957c7be85618173bb4dc3866e5b16d1108ff9710bb92",
    "text": "mutation CreateCustomer($input: CreateCustomerInput!) {\n  createCustomer(input: $input) {\n    __typename\n    ... on CreateCustomerPayload {\n      customer {\n        id\n        externalId\n        email\n      }\n    }\n    ... on UserError {\n      code\n      message\n      path\n    }\n  }\n}"
  },
  "CreateCustomerSession": {
    "id": "sha256:64a1903c9e532ab4c9218c531cf0f30d1bc32bcd898921d46c5d24fa52be3c69",
    "text": "mutation CreateCustomerSession($input: CreateCustomerSessionInput!) {\n  createCustomerSession(input: $input) {\n    __typename\n    ... on CreateCustomerSessionPayload {\n      id\n      token\n      portalUrl\n      expiresAt\n    }\n    ... on UserError {\n      code\n      message\n      path\n    }\n  }\n}"
  },
  "CreateFile": {
    "id": "sha256:8185d663e573121dd90d5c2f69038f7165af3d874541173f805f9f84e5163cde",
    "text": "mutation CreateFile($input: CreateFileInput!) {\n  createFile(input: $input) {\n    __typename\n    ... on CreateFilePayload {\n      file {\n        id\n      }\n    }\n    ... on UserError {\n      code\n      message\n      path\n    }\n  }\n}"
  },
  "CreateFileVersion": {
    "id": "sha256:84a33906af8f70e1f4a4144075e7339611e9d875d4e6060f4c6763f98b266dc7",
    "text": "mutation CreateFileVersion($input: CreateFileVersionInput!) {\n  createFileVersion(input: $input) {\n    __typename\n    ... on CreateFileVersionPayload {\n      file {\n        id\n      }\n    }\n    ... on UserError {\n      code\n      message\n      path\n    }\n  }\n}"
  },
  "CreateProduct": {
    "id": "sha256:947212d67e02b2af5f0ec63d53c1be977980ab56bcaf86ac1a6ff046d0fae9a6",
    "text": "mutation CreateProduct($input: CreateProductInput!) {\n  createProduct(input: $input) {\n    __typename\n    ... on CreateProductPayload {\n      product {\n        id\n        name\n      }\n    }\n    ... on UserError {\n      code\n      message\n      path\n    }\n  }\n}"
  },
  "CreateSubscription": {
    "id": "sha256:4213dd32973d7634b65cd749d9f24d639be38a13e0119a7c256ee0c279067988",
    "text": "mutation CreateSubscription($input: CreateSubscriptionInput!) {\n  createSubscription(input: $input) {\n    __typename\n    ... on CreateSubscriptionPayload {\n      subscription {\n        id\n        status\n        currentPeriodEnd\n        grants {\n          id\n          state\n          benefit {\n            id\n            type\n          }\n        }\n      }\n    }\n    ... on UserError {\n      code\n      message\n      path\n    }\n  }\n}"
  },
  "CurrentOrganization": {
    "id": "sha256:f0d4344a0505d1cb5a2eab1fa302c795485a24d773ab70ddbe0a5670d2c6507a",
    "text": "query CurrentOrganization {\n  currentOrganization {\n    id\n    name\n    liveCursor\n  }\n}"
  },
  "Customer": {
    "id": "sha256:98ed833d57595327ffb4af32210514484167774796dc5350633b4246601d5fa4",
    "text": "query Customer($by: CustomerBy!) {\n  customer(by: $by) {\n    id\n    externalId\n    email\n    liveCursor\n    subscriptions(first: 20) {\n      edges {\n        node {\n          id\n          status\n          product {\n            id\n            name\n          }\n        }\n      }\n    }\n    grants(first: 50) {\n      edges {\n        node {\n          id\n          state\n          instructions\n          benefit {\n            id\n            type\n            description\n          }\n          delivery {\n            __typename\n            ... on LicenseKeysDelivery {\n              licenseKey {\n                id\n                key\n                displayKey\n                status\n                usage\n                limitUsage\n                expiresAt\n              }\n            }\n            ... on CustomDelivery {\n              note\n            }\n          }\n        }\n      }\n    }\n  }\n}"
  },
  "DeactivateLicenseKey": {
    "id": "sha256:a9492914b3f512ebaff27627985f81e918085a899ed4bb8a5a11e793748a890d",
    "text": "mutation DeactivateLicenseKey($input: DeactivateLicenseKeyInput!) {\n  deactivateLicenseKey(input: $input) {\n    __typename\n    ... on DeactivateLicenseKeyPayload {\n      activation {\n        id\n      }\n    }\n    ... on UserError {\n      code\n      message\n      path\n    }\n  }\n}"
  },
  "EventAppended": {
    "id": "sha256:6ddaa475f06f91cba8c956a8462b4ad12334c58ec69b98c318ba15f9b31ce484",
    "text": "subscription EventAppended($types: [String!], $after: String) {\n  eventAppended(types: $types, after: $after) {\n    cursor\n    id\n    type\n    occurredAt\n    data\n  }\n}"
  },
  "FileStatus": {
    "id": "sha256:c34864589281412e0c72ec16f11f5fc3ce6ce123283e81eed9b175553d8eaac0",
    "text": "query FileStatus($id: ID!) {\n  file(id: $id) {\n    versions {\n      status\n      failure\n      size\n      verifiedBytes\n      sha256\n    }\n  }\n}"
  },
  "FileUpload": {
    "id": "sha256:44a42dd342fc247fe8cd738cea578587bf98d30b7c1c0723a9b1fe145a51c591",
    "text": "query FileUpload($id: ID!) {\n  file(id: $id) {\n    upload {\n      partSize\n      partCount\n      uploaded {\n        number\n        size\n        etag\n      }\n    }\n  }\n}"
  },
  "MeterBalance": {
    "id": "sha256:fbb233fd1b3314d4d2e7cc8cc9d342ca07355e0aad16e90410a60767d3b720d1",
    "text": "query MeterBalance($customer: CustomerBy!, $meterId: ID!) {\n  meterBalance(customer: $customer, meterId: $meterId) {\n    balance\n    credited\n    consumed\n    held\n    overage\n    nextExpiryAt\n    updatedAt\n  }\n}"
  },
  "SignFileParts": {
    "id": "sha256:7eabb67a6660316aaf5a934db3d7990656e98703ff2446a287bc9fa6f78c3dd8",
    "text": "query SignFileParts($id: ID!, $first: Int!, $after: Int!) {\n  file(id: $id) {\n    upload {\n      parts(first: $first, after: $after) {\n        number\n        url\n        headers {\n          name\n          value\n        }\n      }\n    }\n  }\n}"
  },
  "UpdateProductBenefits": {
    "id": "sha256:6ea8f702b9aa58c882c05b988da9d52f0d209a849a976e9f7191033357bf560f",
    "text": "mutation UpdateProductBenefits($input: UpdateProductBenefitsInput!) {\n  updateProductBenefits(input: $input) {\n    __typename\n    ... on UpdateProductBenefitsPayload {\n      product {\n        id\n        benefits {\n          id\n          description\n        }\n      }\n    }\n    ... on UserError {\n      code\n      message\n      path\n    }\n  }\n}"
  },
  "ValidateLicenseKey": {
    "id": "sha256:824d850825e10d175dbdbb5192c2aa12910f9603e30bfc247123a0ffaf19f431",
    "text": "query ValidateLicenseKey($input: ValidateLicenseKeyInput!) {\n  validateLicenseKey(input: $input) {\n    valid\n    code\n    reasons\n    usage\n    limitUsage\n    expiresAt\n    activations {\n      used\n      limit\n    }\n    activation {\n      id\n      label\n    }\n    customer {\n      id\n      externalId\n    }\n  }\n}"
  }
} as const;
