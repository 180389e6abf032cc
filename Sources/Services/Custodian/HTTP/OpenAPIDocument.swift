/// `docs/openapi/custodian.json`, served at `/v1/openapi.json`; a test keeps the two equal.
enum OpenAPIDocument {
    /// OpenAPI 3.1.
    static let text = #"""
        {
          "openapi": "3.1.0",
          "info": {
            "title": "Wardline custodian",
            "version": "1",
            "description": "Role \"*\": any. Where security may be empty, no client certificate is needed. x-organization \"own\": parties of the custodian's organization only. A custodian without sharing in its configuration has no routes but health, metrics, this document, /v1/certificate and /v1/scopes, and asks everybody for a certificate.",
            "summary": "An institution's custodian: scopes for gateways, grants for requesters, decisions of stewards.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}
          },
          "servers": [{"url": "https://records.example:7404"}],
          "security": [{"mutualTLS": []}],
          "paths": {
            "/healthz": {
              "get": {
                "operationId": "health",
                "summary": "Say that the process runs.",
                "x-roles": ["*"],
                "security": [{"mutualTLS": []}, {}],
                "responses": {
                  "200": {"description": "It runs.", "content": {"text/plain": {"schema": {"type": "string"}}}},
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
                "operationId": "ready",
                "summary": "Say whether the custodian is ready.",
                "x-roles": ["*"],
                "security": [{"mutualTLS": []}, {}],
                "responses": {
                  "200": {"description": "It is.", "content": {"text/plain": {"schema": {"type": "string"}}}},
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              }
            },
            "/metrics": {
              "get": {
                "operationId": "metrics",
                "summary": "Counters as Prometheus text, for any certificate and for connections from the same machine.",
                "x-roles": ["*"],
                "security": [{"mutualTLS": []}, {}],
                "responses": {
                  "200": {"description": "Counters.", "content": {"text/plain": {"schema": {"type": "string"}}}},
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "401": {"$ref": "#/components/responses/NoCertificate"},
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
                "operationId": "document",
                "summary": "This document.",
                "x-roles": ["*"],
                "security": [{"mutualTLS": []}, {}],
                "responses": {
                  "200": {
                    "description": "This document.",
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
            },
            "/v1/certificate": {
              "get": {
                "operationId": "certificate",
                "summary": "The custodian's implicit certificate, WLC1.",
                "x-roles": ["custodian", "gateway", "institution", "steward"],
                "responses": {
                  "200": {
                    "description": "The certificate.",
                    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "401": {"$ref": "#/components/responses/NoCertificate"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              }
            },
            "/v1/scopes": {
              "post": {
                "operationId": "scope",
                "summary": "The descriptor of a label in an epoch, made when it is new; the same one each time.",
                "x-roles": ["custodian", "gateway", "institution", "steward"],
                "x-organization": "own",
                "requestBody": {
                  "required": true,
                  "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ScopeRequest"}}}
                },
                "responses": {
                  "200": {
                    "description": "The scope.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Scope"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "401": {"$ref": "#/components/responses/NoCertificate"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "413": {"$ref": "#/components/responses/TooLarge"},
                  "422": {"$ref": "#/components/responses/Refused"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              }
            },
            "/v1/grants/{permission}": {
              "get": {
                "operationId": "grant",
                "summary": "The grant under a permission, once the chain has it.",
                "description": "404 grant-pending with Retry-After while it is decided or made, grant-refused with the code behind it when there will be none.",
                "x-roles": ["*"],
                "security": [{"mutualTLS": []}, {}],
                "parameters": [
                  {
                    "name": "permission",
                    "in": "path",
                    "required": true,
                    "description": "The permission's identifier.",
                    "schema": {"type": "string", "pattern": "^[0-9a-f]{64}$"}
                  },
                  {
                    "name": "wait",
                    "in": "query",
                    "required": false,
                    "description": "How long the answer may wait for the grant, ms.",
                    "schema": {"type": "integer", "minimum": 0, "maximum": 10000, "default": 0}
                  }
                ],
                "responses": {
                  "200": {
                    "description": "WLGF.",
                    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "404": {"$ref": "#/components/responses/NotFound"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              }
            },
            "/v1/grants/{permission}/index-keys": {
              "get": {
                "operationId": "indexKeys",
                "summary": "The index keys of an offer's or an emergency's scope, encrypted to the permission's certificate.",
                "description": "404 not-for-this-kind, grant-pending, grant-refused, no-index-key or index-keys-pending.",
                "x-roles": ["*"],
                "security": [{"mutualTLS": []}, {}],
                "parameters": [
                  {
                    "name": "permission",
                    "in": "path",
                    "required": true,
                    "description": "The permission's identifier.",
                    "schema": {"type": "string", "pattern": "^[0-9a-f]{64}$"}
                  }
                ],
                "responses": {
                  "200": {
                    "description": "WLIH.",
                    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "404": {"$ref": "#/components/responses/NotFound"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              }
            },
            "/v1/discovery-key": {
              "get": {
                "operationId": "discoveryKey",
                "summary": "The organization's key of keyword tags in an epoch.",
                "x-roles": ["clinician", "researcher"],
                "parameters": [
                  {
                    "name": "epoch",
                    "in": "query",
                    "required": true,
                    "description": "The epoch of the tags.",
                    "schema": {"type": "integer", "format": "int64", "minimum": 0}
                  }
                ],
                "responses": {
                  "200": {
                    "description": "The key.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/DiscoveryKey"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "401": {"$ref": "#/components/responses/NoCertificate"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              }
            },
            "/v1/emergency-statements": {
              "post": {
                "operationId": "statement",
                "summary": "Hand in the reason of an emergency, whose digest the permission names.",
                "x-roles": ["clinician"],
                "requestBody": {
                  "required": true,
                  "content": {
                    "application/json": {"schema": {"$ref": "#/components/schemas/EmergencyStatement"}}
                  }
                },
                "responses": {
                  "204": {"description": "It is kept."},
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "401": {"$ref": "#/components/responses/NoCertificate"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "404": {"$ref": "#/components/responses/NotFound"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "413": {"$ref": "#/components/responses/TooLarge"},
                  "422": {"$ref": "#/components/responses/Refused"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              }
            },
            "/v1/share-requests": {
              "get": {
                "operationId": "shares",
                "summary": "Requests and permissions in a state.",
                "x-roles": ["custodian", "institution", "steward"],
                "x-organization": "own",
                "parameters": [
                  {
                    "name": "state",
                    "in": "query",
                    "required": false,
                    "description": "A state, or all.",
                    "schema": {"type": "string", "default": "waiting"}
                  }
                ],
                "responses": {
                  "200": {
                    "description": "At most 1,000 items.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/ShareList"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "401": {"$ref": "#/components/responses/NoCertificate"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              }
            },
            "/v1/share-requests/{id}": {
              "get": {
                "operationId": "share",
                "summary": "One request or permission.",
                "x-roles": ["custodian", "institution", "steward"],
                "x-organization": "own",
                "parameters": [
                  {
                    "name": "id",
                    "in": "path",
                    "required": true,
                    "description": "Of the request or the permission.",
                    "schema": {"type": "string", "pattern": "^[0-9a-f]{64}$"}
                  }
                ],
                "responses": {
                  "200": {
                    "description": "The item, with the reason of an emergency when it was handed in.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Share"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "401": {"$ref": "#/components/responses/NoCertificate"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "404": {"$ref": "#/components/responses/NotFound"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              }
            },
            "/v1/share-requests/{id}/approve": {
              "post": {
                "operationId": "approve",
                "summary": "Agree as a steward; where a rule asks for two, another one has to agree too.",
                "x-roles": ["steward"],
                "x-organization": "own",
                "parameters": [
                  {
                    "name": "id",
                    "in": "path",
                    "required": true,
                    "description": "Of the request or the permission.",
                    "schema": {"type": "string", "pattern": "^[0-9a-f]{64}$"}
                  }
                ],
                "requestBody": {
                  "required": true,
                  "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Approval"}}}
                },
                "responses": {
                  "200": {
                    "description": "The item after that.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Share"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "401": {"$ref": "#/components/responses/NoCertificate"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "404": {"$ref": "#/components/responses/NotFound"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "409": {"$ref": "#/components/responses/Conflict"},
                  "413": {"$ref": "#/components/responses/TooLarge"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              }
            },
            "/v1/share-requests/{id}/deny": {
              "post": {
                "operationId": "deny",
                "summary": "Refuse as a steward; one is enough.",
                "x-roles": ["steward"],
                "x-organization": "own",
                "parameters": [
                  {
                    "name": "id",
                    "in": "path",
                    "required": true,
                    "description": "Of the request or the permission.",
                    "schema": {"type": "string", "pattern": "^[0-9a-f]{64}$"}
                  }
                ],
                "responses": {
                  "200": {
                    "description": "The item after that.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Share"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "401": {"$ref": "#/components/responses/NoCertificate"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "404": {"$ref": "#/components/responses/NotFound"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "409": {"$ref": "#/components/responses/Conflict"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              }
            },
            "/v1/share-requests/{id}/revoke": {
              "post": {
                "operationId": "revoke",
                "summary": "End a permission with its grant.",
                "x-roles": ["steward"],
                "x-organization": "own",
                "parameters": [
                  {
                    "name": "id",
                    "in": "path",
                    "required": true,
                    "description": "Of the permission.",
                    "schema": {"type": "string", "pattern": "^[0-9a-f]{64}$"}
                  }
                ],
                "responses": {
                  "200": {
                    "description": "The item after that.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Share"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "401": {"$ref": "#/components/responses/NoCertificate"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "404": {"$ref": "#/components/responses/NotFound"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "409": {"$ref": "#/components/responses/Conflict"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              }
            },
            "/v1/datasets": {
              "get": {
                "operationId": "datasets",
                "summary": "The institution's data sets.",
                "x-roles": ["steward"],
                "x-organization": "own",
                "responses": {
                  "200": {
                    "description": "Oldest first.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/DatasetList"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "401": {"$ref": "#/components/responses/NoCertificate"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              },
              "post": {
                "operationId": "publish",
                "summary": "Publish a data set; the same order again is the same data set.",
                "x-roles": ["steward"],
                "x-organization": "own",
                "requestBody": {
                  "required": true,
                  "content": {"application/json": {"schema": {"$ref": "#/components/schemas/DatasetOrder"}}}
                },
                "responses": {
                  "202": {
                    "description": "It is kept; the chain takes a moment.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Dataset"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "401": {"$ref": "#/components/responses/NoCertificate"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "409": {"$ref": "#/components/responses/Conflict"},
                  "413": {"$ref": "#/components/responses/TooLarge"},
                  "422": {"$ref": "#/components/responses/Refused"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              }
            },
            "/v1/datasets/{id}": {
              "get": {
                "operationId": "dataset",
                "summary": "One data set.",
                "x-roles": ["steward"],
                "x-organization": "own",
                "parameters": [
                  {
                    "name": "id",
                    "in": "path",
                    "required": true,
                    "description": "Of the data set.",
                    "schema": {"type": "string", "pattern": "^[0-9a-f]{64}$"}
                  }
                ],
                "responses": {
                  "200": {
                    "description": "The data set.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Dataset"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "401": {"$ref": "#/components/responses/NoCertificate"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "404": {"$ref": "#/components/responses/NotFound"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              },
              "delete": {
                "operationId": "withdraw",
                "summary": "Withdraw a data set with the policies that it stated; permissions that were given stay.",
                "x-roles": ["steward"],
                "x-organization": "own",
                "parameters": [
                  {
                    "name": "id",
                    "in": "path",
                    "required": true,
                    "description": "Of the data set.",
                    "schema": {"type": "string", "pattern": "^[0-9a-f]{64}$"}
                  }
                ],
                "responses": {
                  "202": {
                    "description": "It is being withdrawn.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Dataset"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "401": {"$ref": "#/components/responses/NoCertificate"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "404": {"$ref": "#/components/responses/NotFound"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              }
            },
            "/v1/holders": {
              "get": {
                "operationId": "holders",
                "summary": "Which patients hold the scopes of which labels.",
                "x-roles": ["steward"],
                "x-organization": "own",
                "responses": {
                  "200": {
                    "description": "By label prefix.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/HolderList"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "401": {"$ref": "#/components/responses/NoCertificate"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              },
              "post": {
                "operationId": "hold",
                "summary": "Say which patient holds the scopes of a label; the chain is told of scopes and label by itself.",
                "x-roles": ["steward"],
                "x-organization": "own",
                "requestBody": {
                  "required": true,
                  "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Holder"}}}
                },
                "responses": {
                  "202": {
                    "description": "It is kept.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Holder"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "401": {"$ref": "#/components/responses/NoCertificate"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "413": {"$ref": "#/components/responses/TooLarge"},
                  "422": {"$ref": "#/components/responses/Refused"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              }
            }
          },
          "components": {
            "securitySchemes": {"mutualTLS": {"type": "mutualTLS"}},
            "responses": {
              "Malformed": {
                "description": "bad-query, bad-identifier, bad-permission, bad-days, malformed-json or truncated.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              },
              "NoCertificate": {
                "description": "certificate-required.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              },
              "Forbidden": {
                "description": "role-not-allowed, other-organization, another-clinician or certificate-revoked.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              },
              "NotFound": {
                "description": "grant-pending, grant-refused, not-for-this-kind, no-index-key, index-keys-pending, no-emergency, unknown-share or unknown-dataset.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              },
              "TooSlow": {
                "description": "body-too-slow: the body did not arrive in time.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              },
              "Conflict": {
                "description": "same-steward, not-now, dataset-exists or another-policy.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              },
              "TooLarge": {
                "description": "content-too-large.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              },
              "Refused": {
                "description": "bad-label, bad-order, another-statement, or an error code of the specification.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              },
              "TooMany": {
                "description": "too-many-requests: wait as Retry-After says.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              },
              "Failed": {
                "description": "internal: the custodian's files or database failed; its log says why.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              },
              "Unavailable": {
                "description": "busy, or chain-unavailable: too few validators prove what the chain holds now.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              }
            },
            "schemas": {
              "ScopeRequest": {
                "type": "object",
                "required": ["epoch", "label"],
                "properties": {
                  "label": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,128}$"},
                  "epoch": {"type": "integer", "format": "int64", "minimum": 0}
                },
                "additionalProperties": false
              },
              "Scope": {
                "type": "object",
                "required": ["descriptor", "owner_certificate"],
                "properties": {
                  "descriptor": {"type": "string", "format": "byte", "description": "WLS1."},
                  "owner_certificate": {
                    "type": "string",
                    "format": "byte",
                    "description": "WLC1 of the key that signed it."
                  }
                },
                "additionalProperties": false
              },
              "DiscoveryKey": {
                "type": "object",
                "required": ["epoch", "key"],
                "properties": {
                  "epoch": {"type": "integer", "format": "int64", "minimum": 0},
                  "key": {
                    "type": "string",
                    "pattern": "^[0-9a-f]{64}$",
                    "description": "KEYWORD-KEY, 32 bytes."
                  }
                },
                "additionalProperties": false
              },
              "EmergencyStatement": {
                "type": "object",
                "required": ["permission", "statement"],
                "properties": {
                  "permission": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                  "statement": {"type": "string", "description": "The reason's text."}
                },
                "additionalProperties": false
              },
              "Approval": {
                "type": "object",
                "required": [],
                "properties": {
                  "days": {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": 36500,
                    "description": "From the grant to its end; as the rule says when it is left out."
                  }
                },
                "additionalProperties": false
              },
              "ShareList": {
                "type": "object",
                "required": ["items"],
                "properties": {
                  "items": {"type": "array", "items": {"$ref": "#/components/schemas/Share"}, "maxItems": 1000},
                  "rules_problem": {
                    "type": "string",
                    "description": "Why the rules as the file has them now are not in force; left out when they are."
                  }
                },
                "additionalProperties": false
              },
              "Share": {
                "type": "object",
                "required": [
                  "approvals",
                  "approvals_needed",
                  "attempts",
                  "attributes",
                  "centers_missing",
                  "certificate",
                  "code",
                  "ends",
                  "id",
                  "kind",
                  "next_try",
                  "purpose",
                  "reason",
                  "request",
                  "requester",
                  "rule",
                  "scope",
                  "state",
                  "subject",
                  "time",
                  "transaction"
                ],
                "properties": {
                  "id": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                  "subject": {"type": "string", "enum": ["request", "permission"]},
                  "state": {
                    "type": "string",
                    "enum": [
                      "seen",
                      "waiting",
                      "statement",
                      "permitting",
                      "permitted",
                      "denying",
                      "denied",
                      "approved",
                      "granted",
                      "recorded",
                      "refusing",
                      "refused",
                      "revoking",
                      "revoked",
                      "lapsed"
                    ]
                  },
                  "kind": {"type": "string", "enum": ["decided", "proven", "offered", "emergency"]},
                  "scope": {
                    "type": "object",
                    "required": ["digest"],
                    "properties": {
                      "digest": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                      "label": {
                        "type": "string",
                        "description": "Left out for a scope that is none of this custodian's."
                      },
                      "epoch": {"type": "integer", "format": "int64", "minimum": 0}
                    },
                    "additionalProperties": false
                  },
                  "purpose": {"type": "string"},
                  "requester": {
                    "type": "string",
                    "description": "organization:role:name; empty for a pseudonym."
                  },
                  "certificate": {
                    "type": "string",
                    "pattern": "^[0-9a-f]{64}$",
                    "description": "Of the requester."
                  },
                  "attributes": {"type": "array", "items": {"type": "string"}},
                  "request": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                  "transaction": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                  "time": {
                    "type": "integer",
                    "format": "int64",
                    "minimum": 0,
                    "description": "Of the block, ms since 1970."
                  },
                  "ends": {
                    "type": "integer",
                    "format": "int64",
                    "minimum": 0,
                    "description": "The last moment, ms since 1970."
                  },
                  "rule": {"type": "string", "description": "The rule that decided; empty for none."},
                  "approvals_needed": {"type": "integer", "minimum": 0},
                  "approvals": {
                    "type": "array",
                    "items": {
                      "type": "object",
                      "required": ["steward", "time"],
                      "properties": {
                        "steward": {"type": "string"},
                        "time": {
                          "type": "integer",
                          "format": "int64",
                          "minimum": 0,
                          "description": "Ms since 1970."
                        }
                      },
                      "additionalProperties": false
                    }
                  },
                  "days_max": {"type": "integer", "minimum": 1},
                  "code": {"type": "string", "description": "Why it was refused, or by whom it was revoked."},
                  "reason": {"type": "string", "description": "Why the last attempt failed, for people."},
                  "attempts": {"type": "integer", "minimum": 0},
                  "next_try": {
                    "type": "integer",
                    "format": "int64",
                    "minimum": 0,
                    "description": "Ms since 1970; 0 without a failed attempt."
                  },
                  "grant": {
                    "type": "string",
                    "pattern": "^[0-9a-f]{64}$",
                    "description": "Of a permission that has one."
                  },
                  "permission": {
                    "type": "string",
                    "pattern": "^[0-9a-f]{64}$",
                    "description": "Of a request that has one."
                  },
                  "centers_missing": {
                    "type": "array",
                    "items": {"type": "string"},
                    "description": "Privacy centers that do not have the grant yet."
                  },
                  "statement": {"type": "string", "description": "The reason of an emergency, for one item."}
                },
                "additionalProperties": false
              },
              "DatasetOrder": {
                "type": "object",
                "required": ["dataset", "keywords", "labels", "permission_seconds", "policy", "single_control"],
                "properties": {
                  "dataset": {
                    "type": "string",
                    "pattern": "^[0-9a-f]{64}$",
                    "description": "Random; the same order with the same identifier is one data set."
                  },
                  "labels": {
                    "type": "array",
                    "items": {"type": "string"},
                    "description": "Labels of scopes; * stands for any run of characters."
                  },
                  "first_epoch": {"type": "integer", "format": "int64", "minimum": 0},
                  "last_epoch": {"type": "integer", "format": "int64", "minimum": 0},
                  "from": {
                    "type": "integer",
                    "format": "int64",
                    "minimum": 0,
                    "description": "Of the data, ms since 1970; as the epochs say by default."
                  },
                  "to": {"type": "integer", "format": "int64", "minimum": 0, "description": "As from."},
                  "policy": {"type": "string", "description": "Its text."},
                  "circuit": {
                    "type": "string",
                    "pattern": "^[0-9a-f]{64}$",
                    "description": "The registered circuit that proofs are for; stewards decide without."
                  },
                  "permission_seconds": {
                    "type": "integer",
                    "format": "int64",
                    "minimum": 0,
                    "description": "Of the permission that a proof brings; 0: stewards decide."
                  },
                  "keywords": {"type": "array", "items": {"type": "string"}, "maxItems": 64},
                  "single_control": {"type": "boolean"}
                },
                "additionalProperties": false
              },
              "Dataset": {
                "type": "object",
                "required": [
                  "dataset",
                  "epoch",
                  "from",
                  "keywords",
                  "permission_seconds",
                  "policy",
                  "reason",
                  "scopes",
                  "state",
                  "to"
                ],
                "properties": {
                  "dataset": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                  "state": {"type": "string", "enum": ["publishing", "published", "withdrawing", "withdrawn"]},
                  "reason": {
                    "type": "string",
                    "description": "Why the last attempt failed; empty when it did not."
                  },
                  "scopes": {
                    "type": "array",
                    "items": {
                      "type": "object",
                      "required": ["digest", "index_keys"],
                      "properties": {
                        "digest": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                        "label": {"type": "string"},
                        "epoch": {"type": "integer", "format": "int64", "minimum": 0},
                        "index_keys": {
                          "type": "integer",
                          "minimum": 0,
                          "description": "Sealed index keys that the chain names."
                        }
                      },
                      "additionalProperties": false
                    },
                    "maxItems": 256
                  },
                  "from": {"type": "integer", "format": "int64", "minimum": 0},
                  "to": {"type": "integer", "format": "int64", "minimum": 0},
                  "policy": {"type": "string", "description": "Canonical text."},
                  "circuit": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                  "permission_seconds": {"type": "integer", "format": "int64", "minimum": 0},
                  "keywords": {"type": "array", "items": {"type": "string"}},
                  "epoch": {
                    "type": "integer",
                    "format": "int64",
                    "minimum": 0,
                    "description": "Of the keywords' key."
                  }
                },
                "additionalProperties": false
              },
              "DatasetList": {
                "type": "object",
                "required": ["datasets"],
                "properties": {"datasets": {"type": "array", "items": {"$ref": "#/components/schemas/Dataset"}}},
                "additionalProperties": false
              },
              "Holder": {
                "type": "object",
                "required": ["label_prefix", "patient"],
                "properties": {
                  "patient": {
                    "type": "string",
                    "description": "organization:patient:name, of the custodian's organization."
                  },
                  "label_prefix": {
                    "type": "string",
                    "description": "A whole label, or what stands before a dot of labels."
                  }
                },
                "additionalProperties": false
              },
              "HolderList": {
                "type": "object",
                "required": ["holders"],
                "properties": {"holders": {"type": "array", "items": {"$ref": "#/components/schemas/Holder"}}},
                "additionalProperties": false
              },
              "Problem": {
                "type": "object",
                "required": ["code", "detail", "status", "title", "type"],
                "properties": {
                  "type": {"type": "string"},
                  "title": {"type": "string"},
                  "status": {"type": "integer"},
                  "code": {
                    "type": "string",
                    "description": "Stable: lower-case words with hyphens, or an error code of the specification."
                  },
                  "detail": {"type": "string"}
                }
              }
            }
          }
        }

        """#
}
