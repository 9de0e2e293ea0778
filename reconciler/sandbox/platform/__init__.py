"""The reference platform API: what ``GET /v1/me`` and its neighbours do with what Keycloak says.

NT24 has no production yet, and its public mock answers from a can. This API enforces the published rules for real, so
that what the reconciler writes has an effect that can be seen::

    serve            the process: options, listener, uvicorn
      app            serving the table of operations
        openapi      the document that describes them (OpenAPI 3.1), made of the table
        operations   the table: method, path, bodies, answers, refusals
        documents    the bodies, which are taken, answered and described by one model each
        endpoints/   one file per part of the API
        gate         what every call must pass: token, organization, rate limit, DPA
          tokens     is this a token of our realm and of an integration client?
            keys     the realm's public keys
          organizations   which organization is it, and what may it do?
            admin    reading from Keycloak as its administrator
          limits     requests per minute and organization
        idempotency  writes that are repeated, and done once
        webhooks     the endpoints for events, in a file
        envelope     request ids, trace ids, headers, and no error without a problem document
        problems     the catalogue of errors (RFC 7807)
      directory      names and countries of partners
"""
