/// `docs/openapi/key-issuing.json`, served at `/v1/openapi.json`; a test keeps the two equal.
enum OpenAPIDocument {
    /// OpenAPI 3.1.
    static let text = #"""
        {
          "openapi": "3.1.0",
          "info": {
            "title": "Wardline key issuing",
            "version": "1",
            "description": "Role \"*\": any. Where security may be empty, no client certificate is needed.",
            "summary": "A party that issues identity keys jointly: the KGC or a privacy center.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"}
          },
          "servers": [{"url": "https://kgc.example:7408"}],
          "security": [{"mutualTLS": []}],
          "paths": {
            "/healthz": {
              "get": {
                "operationId": "health",
                "summary": "Say that the process runs.",
                "x-roles": ["*"],
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
                "summary": "Say whether keys can be issued.",
                "x-roles": ["*"],
                "responses": {
                  "200": {"description": "They can.", "content": {"text/plain": {"schema": {"type": "string"}}}},
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
                "summary": "Counters as Prometheus text.",
                "x-roles": ["operator"],
                "responses": {
                  "200": {"description": "Counters.", "content": {"text/plain": {"schema": {"type": "string"}}}},
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
                "summary": "The party's implicit certificate, WLC1.",
                "x-roles": ["*"],
                "security": [{"mutualTLS": []}, {}],
                "responses": {
                  "200": {
                    "description": "The certificate.",
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
            "/v1/parameters/{epoch}": {
              "get": {
                "operationId": "parameters",
                "summary": "The complete parameters, WLY1.",
                "x-roles": ["*"],
                "security": [{"mutualTLS": []}, {}],
                "parameters": [
                  {
                    "name": "epoch",
                    "in": "path",
                    "required": true,
                    "description": "The epoch of the parameters.",
                    "schema": {"type": "integer", "format": "int64", "minimum": 0}
                  }
                ],
                "responses": {
                  "200": {
                    "description": "The parameters.",
                    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "404": {"$ref": "#/components/responses/NotFound"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "409": {"$ref": "#/components/responses/Conflict"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              },
              "put": {
                "operationId": "complete",
                "summary": "Store the complete parameters that this party vouched for; repeating it is safe.",
                "x-roles": ["kgc", "operator", "privacy-center"],
                "parameters": [
                  {
                    "name": "epoch",
                    "in": "path",
                    "required": true,
                    "description": "The epoch of the parameters.",
                    "schema": {"type": "integer", "format": "int64", "minimum": 0}
                  }
                ],
                "requestBody": {
                  "required": true,
                  "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
                },
                "responses": {
                  "200": {"description": "They were there."},
                  "201": {"description": "Stored."},
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "404": {"$ref": "#/components/responses/NotFound"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "409": {"$ref": "#/components/responses/Conflict"},
                  "413": {"$ref": "#/components/responses/TooLarge"},
                  "415": {"$ref": "#/components/responses/OtherType"},
                  "422": {"$ref": "#/components/responses/NotVerified"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              }
            },
            "/v1/parameters/{epoch}/status": {
              "get": {
                "operationId": "status",
                "summary": "How far setup and refreshes have come.",
                "x-roles": ["*"],
                "security": [{"mutualTLS": []}, {}],
                "parameters": [
                  {
                    "name": "epoch",
                    "in": "path",
                    "required": true,
                    "description": "The epoch of the parameters.",
                    "schema": {"type": "integer", "format": "int64", "minimum": 0}
                  }
                ],
                "responses": {
                  "200": {
                    "description": "Where the set stands.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Status"}}}
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
            "/v1/parameters/{epoch}/commitment": {
              "post": {
                "operationId": "commit",
                "summary": "Make the secret, unless it was made, and commit to it.",
                "x-roles": ["kgc", "operator", "privacy-center"],
                "parameters": [
                  {
                    "name": "epoch",
                    "in": "path",
                    "required": true,
                    "description": "The epoch of the parameters.",
                    "schema": {"type": "integer", "format": "int64", "minimum": 0}
                  }
                ],
                "requestBody": {
                  "required": true,
                  "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Plan"}}}
                },
                "responses": {
                  "200": {
                    "description": "The party's signed statement.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Statement"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "404": {"$ref": "#/components/responses/NotFound"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "409": {"$ref": "#/components/responses/Conflict"},
                  "413": {"$ref": "#/components/responses/TooLarge"},
                  "415": {"$ref": "#/components/responses/OtherType"},
                  "422": {"$ref": "#/components/responses/NotVerified"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              }
            },
            "/v1/parameters/{epoch}/step": {
              "post": {
                "operationId": "step",
                "summary": "Release the own step after all commitments and the steps before.",
                "x-roles": ["kgc", "operator", "privacy-center"],
                "parameters": [
                  {
                    "name": "epoch",
                    "in": "path",
                    "required": true,
                    "description": "The epoch of the parameters.",
                    "schema": {"type": "integer", "format": "int64", "minimum": 0}
                  }
                ],
                "requestBody": {
                  "required": true,
                  "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Transcript"}}}
                },
                "responses": {
                  "200": {
                    "description": "The party's signed statement.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Statement"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "404": {"$ref": "#/components/responses/NotFound"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "409": {"$ref": "#/components/responses/Conflict"},
                  "413": {"$ref": "#/components/responses/TooLarge"},
                  "415": {"$ref": "#/components/responses/OtherType"},
                  "422": {"$ref": "#/components/responses/NotVerified"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              }
            },
            "/v1/parameters/{epoch}/endorsement": {
              "post": {
                "operationId": "endorse",
                "summary": "Verify the whole setup and vouch for it.",
                "x-roles": ["kgc", "operator", "privacy-center"],
                "parameters": [
                  {
                    "name": "epoch",
                    "in": "path",
                    "required": true,
                    "description": "The epoch of the parameters.",
                    "schema": {"type": "integer", "format": "int64", "minimum": 0}
                  }
                ],
                "requestBody": {
                  "required": true,
                  "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Transcript"}}}
                },
                "responses": {
                  "200": {
                    "description": "The party's signed statement.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Statement"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "404": {"$ref": "#/components/responses/NotFound"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "409": {"$ref": "#/components/responses/Conflict"},
                  "413": {"$ref": "#/components/responses/TooLarge"},
                  "415": {"$ref": "#/components/responses/OtherType"},
                  "422": {"$ref": "#/components/responses/NotVerified"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              }
            },
            "/v1/parameters/{epoch}/refresh": {
              "get": {
                "operationId": "pendingRefresh",
                "summary": "The refresh that this party is ready for.",
                "x-roles": ["kgc", "operator", "privacy-center"],
                "parameters": [
                  {
                    "name": "epoch",
                    "in": "path",
                    "required": true,
                    "description": "The epoch of the parameters.",
                    "schema": {"type": "integer", "format": "int64", "minimum": 0}
                  }
                ],
                "responses": {
                  "200": {
                    "description": "Both statements.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Refresh"}}}
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
            "/v1/parameters/{epoch}/refresh/give": {
              "post": {
                "operationId": "give",
                "summary": "Hand a factor to another party, which gets it from this one alone.",
                "x-roles": ["kgc", "operator", "privacy-center"],
                "parameters": [
                  {
                    "name": "epoch",
                    "in": "path",
                    "required": true,
                    "description": "The epoch of the parameters.",
                    "schema": {"type": "integer", "format": "int64", "minimum": 0}
                  }
                ],
                "requestBody": {
                  "required": true,
                  "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Give"}}}
                },
                "responses": {
                  "200": {
                    "description": "What both published.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Refresh"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "404": {"$ref": "#/components/responses/NotFound"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "409": {"$ref": "#/components/responses/Conflict"},
                  "413": {"$ref": "#/components/responses/TooLarge"},
                  "415": {"$ref": "#/components/responses/OtherType"},
                  "422": {"$ref": "#/components/responses/NotVerified"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "502": {"$ref": "#/components/responses/OtherParty"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              }
            },
            "/v1/parameters/{epoch}/refresh/take": {
              "post": {
                "operationId": "take",
                "summary": "Take a factor from its giver.",
                "x-roles": ["kgc", "privacy-center"],
                "parameters": [
                  {
                    "name": "epoch",
                    "in": "path",
                    "required": true,
                    "description": "The epoch of the parameters.",
                    "schema": {"type": "integer", "format": "int64", "minimum": 0}
                  }
                ],
                "requestBody": {
                  "required": true,
                  "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Take"}}}
                },
                "responses": {
                  "200": {
                    "description": "The party's signed statement.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Statement"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "404": {"$ref": "#/components/responses/NotFound"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "409": {"$ref": "#/components/responses/Conflict"},
                  "413": {"$ref": "#/components/responses/TooLarge"},
                  "415": {"$ref": "#/components/responses/OtherType"},
                  "422": {"$ref": "#/components/responses/NotVerified"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              }
            },
            "/v1/parameters/{epoch}/refresh/prepare": {
              "post": {
                "operationId": "prepare",
                "summary": "Store a refresh and say so, when the parties before this one did.",
                "x-roles": ["kgc", "operator", "privacy-center"],
                "parameters": [
                  {
                    "name": "epoch",
                    "in": "path",
                    "required": true,
                    "description": "The epoch of the parameters.",
                    "schema": {"type": "integer", "format": "int64", "minimum": 0}
                  }
                ],
                "requestBody": {
                  "required": true,
                  "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Ready"}}}
                },
                "responses": {
                  "200": {
                    "description": "The party's signed statement.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Statement"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "404": {"$ref": "#/components/responses/NotFound"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "409": {"$ref": "#/components/responses/Conflict"},
                  "413": {"$ref": "#/components/responses/TooLarge"},
                  "415": {"$ref": "#/components/responses/OtherType"},
                  "422": {"$ref": "#/components/responses/NotVerified"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              }
            },
            "/v1/parameters/{epoch}/refresh/finish": {
              "post": {
                "operationId": "finish",
                "summary": "Put a refresh in force for which all are ready, and erase the old share.",
                "x-roles": ["kgc", "operator", "privacy-center"],
                "parameters": [
                  {
                    "name": "epoch",
                    "in": "path",
                    "required": true,
                    "description": "The epoch of the parameters.",
                    "schema": {"type": "integer", "format": "int64", "minimum": 0}
                  }
                ],
                "requestBody": {
                  "required": true,
                  "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Ready"}}}
                },
                "responses": {
                  "204": {"description": "It is in force."},
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "404": {"$ref": "#/components/responses/NotFound"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "409": {"$ref": "#/components/responses/Conflict"},
                  "413": {"$ref": "#/components/responses/TooLarge"},
                  "415": {"$ref": "#/components/responses/OtherType"},
                  "422": {"$ref": "#/components/responses/NotVerified"},
                  "429": {"$ref": "#/components/responses/TooMany"},
                  "500": {"$ref": "#/components/responses/Failed"},
                  "503": {"$ref": "#/components/responses/Unavailable"}
                }
              }
            },
            "/v1/parameters/{epoch}/keys": {
              "post": {
                "operationId": "issue",
                "summary": "The party's step of a blinded key, under a permission of the chain. The very same request may be repeated; a step before that is wrong is refused with 422 and the number of its party in the field Wardline-Party.",
                "x-roles": ["clinician", "researcher"],
                "security": [{"mutualTLS": []}, {}],
                "parameters": [
                  {
                    "name": "epoch",
                    "in": "path",
                    "required": true,
                    "description": "The epoch of the parameters.",
                    "schema": {"type": "integer", "format": "int64", "minimum": 0}
                  }
                ],
                "requestBody": {
                  "required": true,
                  "content": {"application/json": {"schema": {"$ref": "#/components/schemas/KeyRequest"}}}
                },
                "responses": {
                  "200": {
                    "description": "The step.",
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Step"}}}
                  },
                  "400": {"$ref": "#/components/responses/Malformed"},
                  "403": {"$ref": "#/components/responses/Forbidden"},
                  "404": {"$ref": "#/components/responses/NotFound"},
                  "408": {"$ref": "#/components/responses/TooSlow"},
                  "409": {"$ref": "#/components/responses/Conflict"},
                  "413": {"$ref": "#/components/responses/TooLarge"},
                  "415": {"$ref": "#/components/responses/OtherType"},
                  "422": {"$ref": "#/components/responses/NotVerified"},
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
                "description": "malformed-parameter or malformed-body.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              },
              "Forbidden": {
                "description": "role-not-allowed, not-the-giver, certificate-revoked, another-requester, no-permission, permission-revoked, permission-expired, consent-forbids, consent-required, label-forbids, label-consent-required, offer-withdrawn, another-scope or sender-not-listed.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              },
              "NotFound": {
                "description": "unknown-parameters or no-refresh.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              },
              "TooSlow": {
                "description": "The body did not arrive in time.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              },
              "Conflict": {
                "description": "another-plan, another-setup, not-set-up, another-round, refresh-under-way, refresh-too-soon or nonce-used.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              },
              "TooLarge": {
                "description": "The body is too large.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              },
              "OtherType": {
                "description": "The body has another type than the route takes.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              },
              "NotVerified": {
                "description": "A cryptographic object is not what it must be; the code is the specification's. Wardline-Party is the place of the party at fault, when there is one.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              },
              "TooMany": {
                "description": "Wait as Retry-After says.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              },
              "Failed": {
                "description": "The party's files or database failed.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              },
              "OtherParty": {
                "description": "The other party of a refresh did not answer as it should.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              },
              "Unavailable": {
                "description": "chain-unavailable: too few validators prove what the chain holds now.",
                "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
              }
            },
            "schemas": {
              "Plan": {
                "type": "object",
                "required": ["plan"],
                "properties": {
                  "plan": {
                    "type": "string",
                    "format": "byte",
                    "description": "WLYP, to the byte what the party is configured with."
                  }
                },
                "additionalProperties": false
              },
              "Transcript": {
                "type": "object",
                "required": ["commitments", "steps"],
                "properties": {
                  "commitments": {
                    "type": "array",
                    "items": {"type": "string", "format": "byte"},
                    "maxItems": 64,
                    "description": "WLJ1 of every party, in order."
                  },
                  "steps": {
                    "type": "array",
                    "items": {"type": "string", "format": "byte"},
                    "maxItems": 64,
                    "description": "WLJ1 of the parties before this one; of all for an endorsement."
                  }
                },
                "additionalProperties": false
              },
              "Statement": {
                "type": "object",
                "required": ["statement"],
                "properties": {"statement": {"type": "string", "format": "byte", "description": "WLJ1."}},
                "additionalProperties": false
              },
              "Status": {
                "type": "object",
                "required": ["epoch", "place", "refreshing", "stage"],
                "properties": {
                  "epoch": {"type": "integer", "format": "int64", "minimum": 0},
                  "place": {"type": "integer", "minimum": 0, "maximum": 63, "description": "0 for the KGC."},
                  "stage": {"type": "string", "enum": ["new", "committed", "stepped", "endorsed", "complete"]},
                  "round": {
                    "type": "integer",
                    "format": "int64",
                    "minimum": 0,
                    "description": "Counts the refreshes under one public key."
                  },
                  "key": {
                    "type": "string",
                    "pattern": "^[0-9a-f]{64}$",
                    "description": "H(IBE-PARAMS, E(Y)); left out before the setup is complete."
                  },
                  "refreshing": {"type": "boolean", "description": "A refresh waits to be finished."}
                },
                "additionalProperties": false
              },
              "Refresh": {
                "type": "object",
                "required": ["give", "take"],
                "properties": {
                  "give": {"type": "string", "format": "byte", "description": "WLJ1 of the giver."},
                  "take": {"type": "string", "format": "byte", "description": "WLJ1 of the taker."}
                },
                "additionalProperties": false
              },
              "Give": {
                "type": "object",
                "required": ["round", "taker"],
                "properties": {
                  "round": {
                    "type": "integer",
                    "format": "int64",
                    "minimum": 0,
                    "description": "Counts the refreshes under one public key."
                  },
                  "taker": {"type": "integer", "minimum": 1, "maximum": 63, "description": "Place of a privacy center."}
                },
                "additionalProperties": false
              },
              "Take": {
                "type": "object",
                "required": ["factor", "give"],
                "properties": {
                  "give": {"type": "string", "format": "byte", "description": "WLJ1 of the giver."},
                  "factor": {"type": "string", "format": "byte", "description": "The factor, ECIES to the taker's key."}
                },
                "additionalProperties": false
              },
              "Ready": {
                "type": "object",
                "required": ["give", "ready", "take"],
                "properties": {
                  "give": {"type": "string", "format": "byte", "description": "WLJ1 of the giver."},
                  "take": {"type": "string", "format": "byte", "description": "WLJ1 of the taker."},
                  "ready": {
                    "type": "array",
                    "items": {"type": "string", "format": "byte"},
                    "maxItems": 64,
                    "description": "WLJ1 of the parties before this one; of all to finish."
                  }
                },
                "additionalProperties": false
              },
              "KeyRequest": {
                "type": "object",
                "required": ["descriptor", "owner_certificate", "request", "round", "sender", "steps"],
                "properties": {
                  "request": {"type": "string", "format": "byte", "description": "WLI1."},
                  "steps": {
                    "type": "array",
                    "items": {"type": "string", "format": "byte"},
                    "maxItems": 64,
                    "description": "E(D_0) and so on, of the parties before this one."
                  },
                  "round": {
                    "type": "integer",
                    "format": "int64",
                    "minimum": 0,
                    "description": "Counts the refreshes under one public key."
                  },
                  "descriptor": {
                    "type": "string",
                    "format": "byte",
                    "description": "WLS1 of the scope that the permission names."
                  },
                  "owner_certificate": {
                    "type": "string",
                    "format": "byte",
                    "description": "WLC1 of the scope's owner."
                  },
                  "sender": {
                    "type": "string",
                    "description": "The gateway that seals the data: organization:gateway:name."
                  }
                },
                "additionalProperties": false
              },
              "Step": {
                "type": "object",
                "required": ["step"],
                "properties": {"step": {"type": "string", "format": "byte", "description": "E(D_i)."}},
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
