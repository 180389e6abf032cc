/// `docs/openapi/privacy-center.json`, served at `/v1/openapi.json`; a test keeps the two equal.
enum OpenAPIDocument {
    /// OpenAPI 3.1.
    static let text = #"""
        {
          "openapi": "3.1.0",
          "info": {
            "title": "Wardline privacy center",
            "version": "1",
            "description": "Role \"*\": any. Where security may be empty, no client certificate is needed.",
            "summary": "Stores sealed envelopes, proves that it does, re-encrypts them for receivers.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}
          },
          "servers": [{"url": "https://privacy-center.example:7402"}],
          "security": [{"mutualTLS": []}],
          "paths": {
            "/v1/certificates/{digest}": {
              "put": {
                "operationId": "putCertificate",
                "summary": "Put a certificate that envelopes or grants will name; repeating it is safe.",
                "description": "Of one's organization; a pseudonym's or a stranger's when a grant for it is here.",
                "x-roles": ["clinician", "custodian", "gateway", "institution", "patient", "researcher"],
                "security": [{"mutualTLS": []}, {}],
                "responses": {
                  "200": {"description": "It was there."},
                  "201": {"description": "Stored."},
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "409": {"$ref": "#/components/responses/Conflict"},
                  "413": {"$ref": "#/components/responses/TooLarge"},
                  "415": {"$ref": "#/components/responses/OtherType"},
                  "422": {"$ref": "#/components/responses/NotVerified"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"},
                  "507": {"$ref": "#/components/responses/DiskFull"}
                },
                "parameters": [
                  {
                    "name": "digest",
                    "in": "path",
                    "required": true,
                    "description": "The certificate's digest.",
                    "schema": {"$ref": "#/components/schemas/Digest"}
                  }
                ],
                "requestBody": {
                  "required": true,
                  "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
                }
              },
              "get": {
                "operationId": "getCertificate",
                "summary": "Get a certificate.",
                "x-roles": ["*"],
                "security": [{"mutualTLS": []}, {}],
                "responses": {
                  "200": {
                    "description": "The certificate.",
                    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "404": {"$ref": "#/components/responses/NotFound"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                },
                "parameters": [
                  {
                    "name": "digest",
                    "in": "path",
                    "required": true,
                    "description": "The certificate's digest.",
                    "schema": {"$ref": "#/components/schemas/Digest"}
                  }
                ]
              }
            },
            "/v1/scopes": {
              "get": {
                "operationId": "listScopes",
                "summary": "List the descriptors that the asking owner signed, in the order of their digests.",
                "description": "A page may be empty and yet have a next one.",
                "x-roles": ["custodian", "institution", "patient"],
                "responses": {
                  "200": {
                    "description": "A page.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ScopeList"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                },
                "parameters": [
                  {
                    "name": "after",
                    "in": "query",
                    "required": false,
                    "description": "As the page before says in next.",
                    "schema": {"$ref": "#/components/schemas/Digest"}
                  },
                  {
                    "name": "limit",
                    "in": "query",
                    "required": false,
                    "description": "How many stored objects a page goes through.",
                    "schema": {"type": "integer", "minimum": 1, "maximum": 1000}
                  }
                ]
              }
            },
            "/v1/scopes/{digest}": {
              "put": {
                "operationId": "putScope",
                "summary": "Put a scope's descriptor, so that its owner may read the scope.",
                "x-roles": ["custodian", "institution", "patient"],
                "responses": {
                  "200": {"description": "It was there."},
                  "201": {"description": "Stored."},
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "409": {"$ref": "#/components/responses/Conflict"},
                  "413": {"$ref": "#/components/responses/TooLarge"},
                  "415": {"$ref": "#/components/responses/OtherType"},
                  "422": {"$ref": "#/components/responses/NotVerified"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"},
                  "507": {"$ref": "#/components/responses/DiskFull"}
                },
                "parameters": [
                  {
                    "name": "digest",
                    "in": "path",
                    "required": true,
                    "description": "The descriptor's digest.",
                    "schema": {"$ref": "#/components/schemas/Digest"}
                  }
                ],
                "requestBody": {
                  "required": true,
                  "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Scope"}}}
                }
              }
            },
            "/v1/envelopes/{h1}": {
              "put": {
                "operationId": "putEnvelope",
                "summary": "Store an envelope durably; repeating it is safe.",
                "x-roles": ["custodian", "gateway", "institution", "patient"],
                "responses": {
                  "200": {
                    "description": "It was there; a receipt (WLRC).",
                    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
                  },
                  "201": {
                    "description": "Stored; a receipt (WLRC).",
                    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "409": {"$ref": "#/components/responses/Conflict"},
                  "413": {"$ref": "#/components/responses/TooLarge"},
                  "415": {"$ref": "#/components/responses/OtherType"},
                  "422": {"$ref": "#/components/responses/NotVerified"},
                  "424": {"$ref": "#/components/responses/UnknownCertificate"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"},
                  "507": {"$ref": "#/components/responses/DiskFull"}
                },
                "parameters": [
                  {
                    "name": "h1",
                    "in": "path",
                    "required": true,
                    "description": "H1 of the envelope.",
                    "schema": {"$ref": "#/components/schemas/Digest"}
                  }
                ],
                "requestBody": {
                  "required": true,
                  "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
                }
              },
              "get": {
                "operationId": "getEnvelope",
                "summary": "Get an envelope, as the scope's owner or as the receiver of a grant.",
                "x-roles": ["clinician", "custodian", "institution", "patient", "researcher"],
                "security": [{"mutualTLS": []}, {}],
                "responses": {
                  "200": {
                    "description": "The envelope.",
                    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "404": {"$ref": "#/components/responses/MissingEnvelope"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "422": {"$ref": "#/components/responses/NotVerified"},
                  "424": {"$ref": "#/components/responses/UnknownCertificate"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                },
                "parameters": [
                  {
                    "name": "h1",
                    "in": "path",
                    "required": true,
                    "description": "H1 of the envelope.",
                    "schema": {"$ref": "#/components/schemas/Digest"}
                  },
                  {
                    "name": "grant",
                    "in": "query",
                    "required": false,
                    "description": "The digest of the grant, for a receiver.",
                    "schema": {"$ref": "#/components/schemas/Digest"}
                  },
                  {"$ref": "#/components/parameters/ReceiverProof"}
                ]
              }
            },
            "/v1/capsules/{digest}": {
              "put": {
                "operationId": "putCapsule",
                "summary": "Put an epoch key's capsule (WLK1) before envelopes that name it; repeating it is safe.",
                "x-roles": ["custodian", "gateway", "institution", "patient"],
                "responses": {
                  "200": {"description": "It was there."},
                  "201": {"description": "Stored."},
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "409": {"$ref": "#/components/responses/Conflict"},
                  "413": {"$ref": "#/components/responses/TooLarge"},
                  "415": {"$ref": "#/components/responses/OtherType"},
                  "422": {"$ref": "#/components/responses/NotVerified"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"},
                  "507": {"$ref": "#/components/responses/DiskFull"}
                },
                "parameters": [
                  {
                    "name": "digest",
                    "in": "path",
                    "required": true,
                    "description": "The capsule's digest.",
                    "schema": {"$ref": "#/components/schemas/Digest"}
                  }
                ],
                "requestBody": {
                  "required": true,
                  "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
                }
              },
              "get": {
                "operationId": "getCapsule",
                "summary": "Get a capsule, as the data's owner, at the sender's organization, or under a grant.",
                "x-roles": ["clinician", "custodian", "gateway", "institution", "patient", "researcher"],
                "security": [{"mutualTLS": []}, {}],
                "responses": {
                  "200": {
                    "description": "The capsule.",
                    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "404": {"$ref": "#/components/responses/NotFound"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "422": {"$ref": "#/components/responses/NotVerified"},
                  "424": {"$ref": "#/components/responses/UnknownCertificate"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                },
                "parameters": [
                  {
                    "name": "digest",
                    "in": "path",
                    "required": true,
                    "description": "The capsule's digest, as an envelope's header has it.",
                    "schema": {"$ref": "#/components/schemas/Digest"}
                  },
                  {
                    "name": "grant",
                    "in": "query",
                    "required": false,
                    "description": "The digest of the grant, for a receiver.",
                    "schema": {"$ref": "#/components/schemas/Digest"}
                  },
                  {"$ref": "#/components/parameters/ReceiverProof"}
                ]
              }
            },
            "/v1/envelopes": {
              "get": {
                "operationId": "listEnvelopes",
                "summary": "List a scope in the order of the tree, as its owner or as the receiver of a grant.",
                "x-roles": ["clinician", "custodian", "institution", "patient", "researcher"],
                "security": [{"mutualTLS": []}, {}],
                "responses": {
                  "200": {
                    "description": "A page of the listing.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Listing"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "404": {"$ref": "#/components/responses/NotFound"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "422": {"$ref": "#/components/responses/NotVerified"},
                  "424": {"$ref": "#/components/responses/UnknownCertificate"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                },
                "parameters": [
                  {
                    "name": "scope",
                    "in": "query",
                    "required": true,
                    "description": "The scope's digest.",
                    "schema": {"$ref": "#/components/schemas/Digest"}
                  },
                  {
                    "name": "grant",
                    "in": "query",
                    "required": false,
                    "description": "The digest of the grant, for a receiver.",
                    "schema": {"$ref": "#/components/schemas/Digest"}
                  },
                  {
                    "name": "after",
                    "in": "query",
                    "required": false,
                    "description": "Only leaves behind this index.",
                    "schema": {"type": "integer", "format": "int64", "minimum": 0}
                  },
                  {
                    "name": "limit",
                    "in": "query",
                    "required": false,
                    "description": "Entries at most.",
                    "schema": {"type": "integer", "minimum": 1, "maximum": 1000}
                  },
                  {"$ref": "#/components/parameters/ReceiverProof"}
                ]
              }
            },
            "/v1/envelopes/batch": {
              "post": {
                "operationId": "postEnvelopeBatch",
                "summary": "Get envelopes as the receiver of a grant, many at once; repeating it is safe.",
                "description": "An empty field stands for one that is not in this answer: ask for it on its own.",
                "x-roles": ["clinician", "custodian", "institution", "patient", "researcher"],
                "security": [{"mutualTLS": []}, {}],
                "responses": {
                  "200": {
                    "description": "For each envelope in the order of the request: u32 length and the bytes (WLE1).",
                    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "404": {"$ref": "#/components/responses/NotFound"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "413": {"$ref": "#/components/responses/TooLarge"},
                  "415": {"$ref": "#/components/responses/OtherType"},
                  "422": {"$ref": "#/components/responses/NotVerified"},
                  "424": {"$ref": "#/components/responses/UnknownCertificate"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                },
                "parameters": [{"$ref": "#/components/parameters/ReceiverProof"}],
                "requestBody": {
                  "required": true,
                  "content": {"application/json": {"schema": {"$ref": "#/components/schemas/EnvelopeBatch"}}}
                }
              }
            },
            "/v1/rekeys": {
              "post": {
                "operationId": "postRekey",
                "summary": "Register a grant with this center's package; repeating it is safe.",
                "x-roles": ["custodian", "institution", "patient"],
                "responses": {
                  "200": {
                    "description": "It was registered.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/RegisteredRekey"}}}
                  },
                  "201": {
                    "description": "Registered.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/RegisteredRekey"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "409": {"$ref": "#/components/responses/Conflict"},
                  "413": {"$ref": "#/components/responses/TooLarge"},
                  "415": {"$ref": "#/components/responses/OtherType"},
                  "422": {"$ref": "#/components/responses/NotVerified"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"},
                  "507": {"$ref": "#/components/responses/DiskFull"}
                },
                "requestBody": {
                  "required": true,
                  "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Rekey"}}}
                }
              }
            },
            "/v1/rekeys/{grant}": {
              "delete": {
                "operationId": "deleteRekey",
                "summary": "Revoke a grant for good; repeating it is safe.",
                "x-roles": ["custodian", "institution", "patient"],
                "responses": {
                  "204": {"description": "Revoked."},
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "404": {"$ref": "#/components/responses/NotFound"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "424": {"$ref": "#/components/responses/UnknownCertificate"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                },
                "parameters": [
                  {
                    "name": "grant",
                    "in": "path",
                    "required": true,
                    "description": "The grant's digest.",
                    "schema": {"$ref": "#/components/schemas/Digest"}
                  }
                ]
              }
            },
            "/v1/grants/{digest}": {
              "get": {
                "operationId": "getGrant",
                "summary": "Get a grant that was registered here, with what verifies it.",
                "x-roles": ["*"],
                "security": [{"mutualTLS": []}, {}],
                "responses": {
                  "200": {
                    "description": "WLGF, without addresses.",
                    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "404": {"$ref": "#/components/responses/NotFound"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "424": {"$ref": "#/components/responses/UnknownCertificate"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                },
                "parameters": [
                  {
                    "name": "digest",
                    "in": "path",
                    "required": true,
                    "description": "The grant's digest.",
                    "schema": {"$ref": "#/components/schemas/Digest"}
                  }
                ]
              }
            },
            "/v1/reencryptions": {
              "post": {
                "operationId": "postReencryption",
                "summary": "Re-encrypt envelopes for the receiver of a grant; all or none.",
                "description": "The receiver signs. The chain is asked each time, and the delivery is in a block first.",
                "x-roles": ["clinician", "custodian", "institution", "patient", "researcher"],
                "security": [{"mutualTLS": []}, {}],
                "responses": {
                  "200": {
                    "description": "One part (WLP1) an envelope.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Reencrypted"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "404": {"$ref": "#/components/responses/MissingEnvelope"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "409": {"$ref": "#/components/responses/Conflict"},
                  "413": {"$ref": "#/components/responses/TooLarge"},
                  "415": {"$ref": "#/components/responses/OtherType"},
                  "422": {"$ref": "#/components/responses/NotVerified"},
                  "424": {"$ref": "#/components/responses/UnknownCertificate"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"},
                  "507": {"$ref": "#/components/responses/DiskFull"}
                },
                "requestBody": {
                  "required": true,
                  "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Reencryption"}}}
                }
              }
            },
            "/v1/wraps/{digest}": {
              "put": {
                "operationId": "putWrap",
                "summary": "Put a sealed index key; repeating it is safe.",
                "x-roles": ["custodian", "institution"],
                "responses": {
                  "200": {"description": "It was there."},
                  "201": {"description": "Stored."},
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "409": {"$ref": "#/components/responses/Conflict"},
                  "413": {"$ref": "#/components/responses/TooLarge"},
                  "415": {"$ref": "#/components/responses/OtherType"},
                  "422": {"$ref": "#/components/responses/NotVerified"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"},
                  "507": {"$ref": "#/components/responses/DiskFull"}
                },
                "parameters": [
                  {
                    "name": "digest",
                    "in": "path",
                    "required": true,
                    "description": "H(\"INDEX-WRAP\", bytes), as the chain names it.",
                    "schema": {"$ref": "#/components/schemas/Digest"}
                  }
                ],
                "requestBody": {
                  "required": true,
                  "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
                }
              },
              "get": {
                "operationId": "getWrap",
                "summary": "Get a sealed index key; who may open it, its ciphertext decides.",
                "x-roles": ["*"],
                "security": [{"mutualTLS": []}, {}],
                "responses": {
                  "200": {
                    "description": "The ciphertext.",
                    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "404": {"$ref": "#/components/responses/NotFound"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                },
                "parameters": [
                  {
                    "name": "digest",
                    "in": "path",
                    "required": true,
                    "description": "H(\"INDEX-WRAP\", bytes), as the chain names it.",
                    "schema": {"$ref": "#/components/schemas/Digest"}
                  }
                ]
              }
            },
            "/v1/tree/head": {
              "get": {
                "operationId": "getTreeHead",
                "summary": "Get the signed head of the tree.",
                "x-roles": ["*"],
                "security": [{"mutualTLS": []}, {}],
                "responses": {
                  "200": {
                    "description": "A tree head (WLTH).",
                    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              }
            },
            "/v1/tree/inclusion": {
              "get": {
                "operationId": "getInclusion",
                "summary": "Prove that an envelope or a leaf is in the tree (RFC 9162 section 2.1.3).",
                "x-roles": ["*"],
                "security": [{"mutualTLS": []}, {}],
                "responses": {
                  "200": {
                    "description": "The proof.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Inclusion"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "404": {"$ref": "#/components/responses/MissingEnvelope"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                },
                "parameters": [
                  {
                    "name": "h1",
                    "in": "query",
                    "required": false,
                    "description": "Which envelope; either this or leaf.",
                    "schema": {"$ref": "#/components/schemas/Digest"}
                  },
                  {
                    "name": "leaf",
                    "in": "query",
                    "required": false,
                    "description": "Which leaf, from 0; either this or h1.",
                    "schema": {"type": "integer", "format": "int64", "minimum": 0}
                  },
                  {
                    "name": "size",
                    "in": "query",
                    "required": false,
                    "description": "In the tree of this size; the whole tree when left out.",
                    "schema": {"type": "integer", "format": "int64", "minimum": 0}
                  }
                ]
              }
            },
            "/v1/tree/consistency": {
              "get": {
                "operationId": "getConsistency",
                "summary": "Prove that one tree continues another (RFC 9162 section 2.1.4).",
                "x-roles": ["*"],
                "security": [{"mutualTLS": []}, {}],
                "responses": {
                  "200": {
                    "description": "The proof.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Consistency"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "404": {"$ref": "#/components/responses/NotFound"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                },
                "parameters": [
                  {
                    "name": "first",
                    "in": "query",
                    "required": true,
                    "description": "Size of the earlier tree.",
                    "schema": {"type": "integer", "format": "int64", "minimum": 0}
                  },
                  {
                    "name": "second",
                    "in": "query",
                    "required": true,
                    "description": "Size of the later tree.",
                    "schema": {"type": "integer", "format": "int64", "minimum": 0}
                  }
                ]
              }
            },
            "/healthz": {
              "get": {
                "operationId": "healthz",
                "summary": "Whether the process answers.",
                "x-roles": ["*"],
                "responses": {
                  "200": {"description": "It does.", "content": {"text/plain": {"schema": {"type": "string"}}}},
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              }
            },
            "/readyz": {
              "get": {
                "operationId": "readyz",
                "summary": "Whether the center can do its work.",
                "x-roles": ["*"],
                "responses": {
                  "200": {"description": "It can.", "content": {"text/plain": {"schema": {"type": "string"}}}},
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {
                    "description": "Not ready; one obstacle a line.",
                    "content": {"text/plain": {"schema": {"type": "string"}}}
                  }
                }
              }
            },
            "/metrics": {
              "get": {
                "operationId": "metrics",
                "summary": "Figures for Prometheus.",
                "x-roles": ["operator"],
                "responses": {
                  "200": {
                    "description": "Text exposition format 0.0.4.",
                    "content": {"text/plain": {"schema": {"type": "string"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              }
            },
            "/v1/openapi.json": {
              "get": {
                "operationId": "openapi",
                "summary": "This document.",
                "x-roles": ["*"],
                "responses": {
                  "200": {
                    "description": "OpenAPI 3.1.",
                    "content": {"application/json": {"schema": {"type": "object"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              }
            }
          },
          "components": {
            "securitySchemes": {
              "mutualTLS": {
                "type": "mutualTLS",
                "description": "TLS 1.3; the client certificate's URI names organization, role and name."
              }
            },
            "responses": {
              "Malformed": {
                "description": "A parameter, the query or the body is not of its form.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              },
              "Forbidden": {
                "description": "Not for this role, owner or receiver, revoked, a grant out of its time (grant-expired), or the chain's word: docs/operate-node.md lists the codes.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              },
              "NotFound": {
                "description": "There is no such object.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              },
              "TooSlow": {
                "description": "The body took too long to arrive.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              },
              "Conflict": {
                "description": "It contradicts what is stored.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              },
              "TooLarge": {
                "description": "The body is too large.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              },
              "OtherType": {
                "description": "The body has another type.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              },
              "NotVerified": {
                "description": "A cryptographic object does not verify; the code is the specification's.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              },
              "UnknownCertificate": {
                "description": "A certificate or a capsule that is needed was not put yet, as the code says; grant-not-on-chain.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              },
              "TooMany": {
                "description": "Too many requests.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
                "headers": {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}
              },
              "Failed": {
                "description": "The server failed.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              },
              "Unavailable": {
                "description": "Too much is under way, or the store does not answer; chain-unavailable, stale-head.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
                "headers": {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}
              },
              "DiskFull": {
                "description": "The disk is full.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              },
              "MissingEnvelope": {
                "description": "There is no such object.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/DeniedEnvelope"}}}
              }
            },
            "parameters": {
              "ReceiverProof": {
                "name": "wardline-receiver",
                "in": "header",
                "required": false,
                "description": "With a grant: base64 of u64 time and signature, docs/operate-node.md; five minutes.",
                "schema": {"type": "string", "format": "byte"}
              }
            },
            "schemas": {
              "Digest": {
                "type": "string",
                "pattern": "^[0-9a-fA-F]{64}$",
                "description": "32 bytes in hexadecimal digits."
              },
              "Problem": {
                "type": "object",
                "description": "RFC 9457; the code is stable, for programs.",
                "required": ["code", "detail", "status", "title", "type"],
                "properties": {
                  "type": {"type": "string"},
                  "title": {"type": "string"},
                  "status": {"type": "integer"},
                  "code": {"type": "string"},
                  "detail": {"type": "string"}
                }
              },
              "DeniedEnvelope": {
                "allOf": [
                  {"$ref": "#/components/schemas/Problem"},
                  {
                    "type": "object",
                    "properties": {
                      "denial": {
                        "type": "string",
                        "format": "byte",
                        "description": "A signed denial (WLDN), for an envelope."
                      }
                    }
                  }
                ]
              },
              "Scope": {
                "type": "object",
                "required": ["descriptor", "owner_certificate"],
                "properties": {
                  "descriptor": {"type": "string", "format": "byte", "description": "WLS1."},
                  "owner_certificate": {"type": "string", "format": "byte", "description": "WLC1."}
                },
                "additionalProperties": false
              },
              "Rekey": {
                "type": "object",
                "required": ["descriptor", "grant", "owner_certificate", "package"],
                "properties": {
                  "grant": {"type": "string", "format": "byte", "description": "WLG1."},
                  "package": {"type": "string", "format": "byte", "description": "This center's WLR1."},
                  "descriptor": {"type": "string", "format": "byte", "description": "WLS1."},
                  "owner_certificate": {"type": "string", "format": "byte", "description": "WLC1."},
                  "single_control": {
                    "type": "string",
                    "format": "byte",
                    "description": "Allows mode 0: the owner signs T(grant digest), context SINGLE-CONTROL."
                  }
                },
                "additionalProperties": false
              },
              "RegisteredRekey": {
                "type": "object",
                "required": ["grant", "index"],
                "properties": {
                  "grant": {"$ref": "#/components/schemas/Digest"},
                  "index": {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": 255,
                    "description": "The center's number in the grant."
                  }
                },
                "additionalProperties": false
              },
              "EnvelopeBatch": {
                "type": "object",
                "required": ["envelopes", "grant"],
                "properties": {
                  "grant": {"$ref": "#/components/schemas/Digest"},
                  "envelopes": {
                    "type": "array",
                    "items": {"$ref": "#/components/schemas/Digest"},
                    "minItems": 1,
                    "maxItems": 128
                  }
                },
                "additionalProperties": false
              },
              "Reencryption": {
                "type": "object",
                "required": ["envelopes", "grant", "nonce", "signature"],
                "properties": {
                  "grant": {"$ref": "#/components/schemas/Digest"},
                  "envelopes": {
                    "type": "array",
                    "items": {"$ref": "#/components/schemas/Digest"},
                    "minItems": 1,
                    "maxItems": 256
                  },
                  "nonce": {
                    "type": "string",
                    "format": "byte",
                    "description": "32 bytes, never used before under the grant."
                  },
                  "signature": {
                    "type": "string",
                    "format": "byte",
                    "description": "The receiver signs T(grant digest, nonce, H1...), context REENC-REQ."
                  },
                  "include_envelopes": {"type": "boolean", "default": false}
                },
                "additionalProperties": false
              },
              "Reencrypted": {
                "type": "object",
                "required": ["grant", "parts"],
                "properties": {
                  "grant": {"$ref": "#/components/schemas/Digest"},
                  "parts": {
                    "type": "array",
                    "items": {
                      "type": "object",
                      "required": ["h1", "part"],
                      "properties": {
                        "h1": {"$ref": "#/components/schemas/Digest"},
                        "part": {"type": "string", "format": "byte", "description": "WLP1."},
                        "envelope": {"type": "string", "format": "byte", "description": "WLE1, when it was asked for."}
                      },
                      "additionalProperties": false
                    }
                  },
                  "delivery": {
                    "type": "string",
                    "format": "byte",
                    "description": "WLTP of sharing.delivery; not without a chain."
                  },
                  "head": {
                    "type": "string",
                    "format": "byte",
                    "description": "LP(header) || LP(certificate) of the access channel."
                  }
                },
                "additionalProperties": false
              },
              "ScopeList": {
                "type": "object",
                "required": ["scopes"],
                "properties": {
                  "scopes": {
                    "type": "array",
                    "items": {
                      "type": "object",
                      "required": ["descriptor", "digest"],
                      "properties": {
                        "digest": {"$ref": "#/components/schemas/Digest"},
                        "descriptor": {"type": "string", "format": "byte", "description": "WLS1."}
                      }
                    }
                  },
                  "next": {"$ref": "#/components/schemas/Digest"}
                }
              },
              "Listing": {
                "type": "object",
                "required": ["envelopes"],
                "properties": {
                  "envelopes": {
                    "type": "array",
                    "items": {
                      "type": "object",
                      "required": [
                        "bytes",
                        "created",
                        "h1",
                        "leaf_index",
                        "received_ms",
                        "sender_certificate",
                        "sequence"
                      ],
                      "properties": {
                        "leaf_index": {"type": "integer", "format": "int64", "minimum": 0},
                        "h1": {"$ref": "#/components/schemas/Digest"},
                        "sender_certificate": {"$ref": "#/components/schemas/Digest"},
                        "sequence": {"type": "integer", "format": "int64", "minimum": 0},
                        "created": {
                          "type": "integer",
                          "format": "int64",
                          "minimum": 0,
                          "description": "Seconds since 1970, as the sender claims."
                        },
                        "received_ms": {
                          "type": "integer",
                          "format": "int64",
                          "minimum": 0,
                          "description": "Milliseconds since 1970."
                        },
                        "bytes": {"type": "integer", "format": "int64", "minimum": 0}
                      },
                      "additionalProperties": false
                    }
                  },
                  "next": {
                    "type": "integer",
                    "format": "int64",
                    "minimum": 0,
                    "description": "To be given as after; left out on the last page."
                  }
                },
                "additionalProperties": false
              },
              "Inclusion": {
                "type": "object",
                "required": ["h1", "leaf_index", "path", "received_ms", "root", "tree_size"],
                "properties": {
                  "h1": {"$ref": "#/components/schemas/Digest"},
                  "received_ms": {"type": "integer", "format": "int64", "minimum": 0},
                  "leaf_index": {"type": "integer", "format": "int64", "minimum": 0},
                  "tree_size": {"type": "integer", "format": "int64", "minimum": 0},
                  "root": {"$ref": "#/components/schemas/Digest"},
                  "path": {"type": "array", "items": {"$ref": "#/components/schemas/Digest"}, "maxItems": 64}
                },
                "additionalProperties": false
              },
              "Consistency": {
                "type": "object",
                "required": ["first", "path", "second"],
                "properties": {
                  "first": {"type": "integer", "format": "int64", "minimum": 0},
                  "second": {"type": "integer", "format": "int64", "minimum": 0},
                  "path": {"type": "array", "items": {"$ref": "#/components/schemas/Digest"}, "maxItems": 65}
                },
                "additionalProperties": false
              }
            }
          }
        }

        """#
}
