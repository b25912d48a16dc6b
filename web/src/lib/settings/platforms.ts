import type { NewPlatform } from '../api/types';

/** Products whose addresses follow a rule. They are what the products document; an administrator can change each. */
export const PRODUCTS = ['canvas', 'moodle', 'blackboard', 'brightspace', 'other'] as const;
export type Product = (typeof PRODUCTS)[number];

/** What is filled in for a product, with the address of its site (`https://moodle.example.edu`, no slash at the end). */
export function preset(product: Product, site: string): Partial<NewPlatform> {
  switch (product) {
    case 'canvas':
      return {
        name: 'Canvas',
        // One for all customers of the cloud.
        issuer: 'https://canvas.instructure.com',
        auth_url: 'https://sso.canvaslms.com/api/lti/authorize_redirect',
        token_url: 'https://sso.canvaslms.com/login/oauth2/token',
        jwks_url: 'https://sso.canvaslms.com/api/lti/security/jwks',
        origins: site ? [site] : [],
        person: 'custom.login',
        course: 'custom.canvas_course_id',
      };
    case 'moodle':
      return {
        name: 'Moodle',
        issuer: site,
        auth_url: `${site}/mod/lti/auth.php`,
        token_url: `${site}/mod/lti/token.php`,
        jwks_url: `${site}/mod/lti/certs.php`,
        origins: [],
        person: 'ext.user_username',
        course: 'context.id',
      };
    case 'blackboard':
      return {
        name: 'Blackboard',
        issuer: 'https://blackboard.com',
        auth_url: 'https://developer.blackboard.com/api/v1/gateway/oidcauth',
        token_url: 'https://developer.blackboard.com/api/v1/gateway/oauth2/jwttoken',
        origins: site ? [site] : [],
        person: 'lis.person_sourcedid',
        course: 'lis.course_offering_sourcedid',
      };
    case 'brightspace':
      return {
        name: 'Brightspace',
        issuer: site,
        auth_url: `${site}/d2l/lti/authenticate`,
        token_url: 'https://auth.brightspace.com/core/connect/token',
        token_audience: 'https://api.brightspace.com/auth/token',
        jwks_url: `${site}/d2l/.well-known/jwks`,
        origins: [],
        person: 'lis.person_sourcedid',
        course: 'context.id',
      };
    default:
      return {};
  }
}

/** Custom fields to be typed into a platform, where it knows the variables. */
export const CUSTOM: Partial<Record<Product, string>> = {
  canvas: [
    'login=$Canvas.user.loginId',
    'canvas_course_id=$Canvas.course.id',
    'locale=$Message.locale',
    'zone=$Person.address.timezone',
    'high_contrast=$Canvas.user.prefersHighContrast',
    'message_token=$com.instructure.PostMessageToken',
  ].join('\n'),
};

export const EMPTY: NewPlatform = {
  name: '',
  issuer: '',
  client_id: '',
  deployments: [],
  auth_url: '',
  token_url: '',
  token_audience: null,
  jwks_url: '',
  origins: [],
  person: 'sub',
  course: 'context.id',
  link_custom: false,
};

/** A field of lists: one a line or with commas. */
export const listed = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean);
