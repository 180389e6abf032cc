/// `docs/openapi/gateway.json`, served at `/v1/openapi.json`; a test keeps the two equal.
enum OpenAPIDocument {
    /// OpenAPI 3.1.
    static let text = #"""
        {
          "openapi": "3.1.0",
          "info": {
            "title": "Wardline gateway",
            "version": "1",
            "summary": "How it stands with a gateway between two chains.",
            "license": {
              "name": "Apache-2.0",
              "identifier": "Apache-2.0"
            }
          },
          "servers": [
            {
              "url": "https://relay.example:7412"
            }
          ],
          "security": [
            {
              "mutualTLS": []
            }
          ],
          "paths": {
            "/healthz": {
              "get": {
                "operationId": "healthy",
                "summary": "Say that the process answers.",
                "x-roles": [
                  "attribute-authority",
                  "authority",
                  "clinician",
                  "custodian",
                  "gateway",
                  "institution",
                  "kgc",
                  "operator",
                  "patient",
                  "privacy-center",
                  "pseudonym-ca",
                  "registration-authority",
                  "relay",
                  "researcher",
                  "steward",
                  "tracing-authority",
                  "validator"
                ],
                "responses": {
                  "200": {
                    "description": "It does.",
                    "content": {
                      "text/plain": {
                        "schema": {
                          "type": "string"
                        }
                      }
                    }
                  },
                  "400": {
                    "$ref": "#/components/responses/Malformed"
                  },
                  "401": {
                    "$ref": "#/components/responses/Unknown"
                  },
                  "403": {
                    "$ref": "#/components/responses/Forbidden"
                  },
                  "408": {
                    "$ref": "#/components/responses/TooSlow"
                  },
                  "429": {
                    "$ref": "#/components/responses/TooMany"
                  },
                  "500": {
                    "$ref": "#/components/responses/Failed"
                  },
                  "503": {
                    "$ref": "#/components/responses/Unavailable"
                  }
                }
              }
            },
            "/readyz": {
              "get": {
                "operationId": "ready",
                "summary": "Say whether both chains are reached; 503 with sentences about what is in the way.",
                "x-roles": [
                  "attribute-authority",
                  "authority",
                  "clinician",
                  "custodian",
                  "gateway",
                  "institution",
                  "kgc",
                  "operator",
                  "patient",
                  "privacy-center",
                  "pseudonym-ca",
                  "registration-authority",
                  "relay",
                  "researcher",
                  "steward",
                  "tracing-authority",
                  "validator"
                ],
                "responses": {
                  "200": {
                    "description": "They are.",
                    "content": {
                      "text/plain": {
                        "schema": {
                          "type": "string"
                        }
                      }
                    }
                  },
                  "400": {
                    "$ref": "#/components/responses/Malformed"
                  },
                  "401": {
                    "$ref": "#/components/responses/Unknown"
                  },
                  "403": {
                    "$ref": "#/components/responses/Forbidden"
                  },
                  "408": {
                    "$ref": "#/components/responses/TooSlow"
                  },
                  "429": {
                    "$ref": "#/components/responses/TooMany"
                  },
                  "500": {
                    "$ref": "#/components/responses/Failed"
                  },
                  "503": {
                    "$ref": "#/components/responses/Unavailable"
                  }
                }
              }
            },
            "/metrics": {
              "get": {
                "operationId": "metrics",
                "summary": "Counters in Prometheus text exposition 0.0.4.",
                "x-roles": [
                  "operator"
                ],
                "responses": {
                  "200": {
                    "description": "`wardline_relay_…`.",
                    "content": {
                      "text/plain": {
                        "schema": {
                          "type": "string"
                        }
                      }
                    }
                  },
                  "400": {
                    "$ref": "#/components/responses/Malformed"
                  },
                  "401": {
                    "$ref": "#/components/responses/Unknown"
                  },
                  "403": {
                    "$ref": "#/components/responses/Forbidden"
                  },
                  "408": {
                    "$ref": "#/components/responses/TooSlow"
                  },
                  "429": {
                    "$ref": "#/components/responses/TooMany"
                  },
                  "500": {
                    "$ref": "#/components/responses/Failed"
                  },
                  "503": {
                    "$ref": "#/components/responses/Unavailable"
                  }
                }
              }
            },
            "/v1/openapi.json": {
              "get": {
                "operationId": "document",
                "summary": "This document.",
                "x-roles": [
                  "attribute-authority",
                  "authority",
                  "clinician",
                  "custodian",
                  "gateway",
                  "institution",
                  "kgc",
                  "operator",
                  "patient",
                  "privacy-center",
                  "pseudonym-ca",
                  "registration-authority",
                  "relay",
                  "researcher",
                  "steward",
                  "tracing-authority",
                  "validator"
                ],
                "responses": {
                  "200": {
                    "description": "OpenAPI 3.1.",
                    "content": {
                      "application/json": {
                        "schema": {
                          "type": "object"
                        }
                      }
                    }
                  },
                  "400": {
                    "$ref": "#/components/responses/Malformed"
                  },
                  "401": {
                    "$ref": "#/components/responses/Unknown"
                  },
                  "403": {
                    "$ref": "#/components/responses/Forbidden"
                  },
                  "408": {
                    "$ref": "#/components/responses/TooSlow"
                  },
                  "429": {
                    "$ref": "#/components/responses/TooMany"
                  },
                  "500": {
                    "$ref": "#/components/responses/Failed"
                  },
                  "503": {
                    "$ref": "#/components/responses/Unavailable"
                  }
                }
              }
            },
            "/v1/status": {
              "get": {
                "operationId": "status",
                "summary": "How it stands.",
                "x-roles": [
                  "operator",
                  "relay"
                ],
                "responses": {
                  "200": {
                    "description": "The gateway's own account of itself.",
                    "content": {
                      "application/json": {
                        "schema": {
                          "$ref": "#/components/schemas/Status"
                        }
                      }
                    }
                  },
                  "400": {
                    "$ref": "#/components/responses/Malformed"
                  },
                  "401": {
                    "$ref": "#/components/responses/Unknown"
                  },
                  "403": {
                    "$ref": "#/components/responses/Forbidden"
                  },
                  "408": {
                    "$ref": "#/components/responses/TooSlow"
                  },
                  "429": {
                    "$ref": "#/components/responses/TooMany"
                  },
                  "500": {
                    "$ref": "#/components/responses/Failed"
                  },
                  "503": {
                    "$ref": "#/components/responses/Unavailable"
                  }
                }
              }
            }
          },
          "components": {
            "securitySchemes": {
              "mutualTLS": {
                "type": "mutualTLS",
                "description": "A certificate of the consortium or of an ally."
              }
            },
            "schemas": {
              "Problem": {
                "type": "object",
                "description": "RFC 9457.",
                "required": [
                  "type",
                  "title",
                  "status",
                  "code",
                  "detail"
                ],
                "properties": {
                  "type": {
                    "type": "string"
                  },
                  "title": {
                    "type": "string"
                  },
                  "status": {
                    "type": "integer"
                  },
                  "code": {
                    "type": "string"
                  },
                  "detail": {
                    "type": "string"
                  }
                }
              },
              "Status": {
                "type": "object",
                "description": "How it stands with the gateway.",
                "required": [
                  "account",
                  "lease",
                  "quiet",
                  "held",
                  "fresh",
                  "under_way",
                  "refused",
                  "accepted",
                  "found",
                  "abandoned",
                  "chains",
                  "attesters",
                  "routes",
                  "troubles",
                  "abandoned_leaves"
                ],
                "properties": {
                  "account": {
                    "type": "string",
                    "description": "Who the gateway is on the relay chain."
                  },
                  "lease": {
                    "enum": [
                      "mine",
                      "another",
                      "none"
                    ],
                    "description": "Whose the lane is."
                  },
                  "quiet": {
                    "type": "boolean",
                    "description": "Nothing is left to carry."
                  },
                  "held": {
                    "type": "integer",
                    "minimum": 0,
                    "description": "Leaves on their way."
                  },
                  "fresh": {
                    "type": "integer",
                    "minimum": 0,
                    "description": "Of them, those that came since the start."
                  },
                  "under_way": {
                    "type": "integer",
                    "minimum": 0,
                    "description": "Questions and submissions under way."
                  },
                  "refused": {
                    "type": "integer",
                    "minimum": 0,
                    "description": "Leaves that a contract refuses."
                  },
                  "accepted": {
                    "type": "integer",
                    "minimum": 0,
                    "description": "Leaves brought since the start."
                  },
                  "found": {
                    "type": "integer",
                    "minimum": 0,
                    "description": "Leaves that were there already."
                  },
                  "abandoned": {
                    "type": "integer",
                    "minimum": 0,
                    "description": "Leaves given up."
                  },
                  "chains": {
                    "type": "array",
                    "description": "The application chain, then the relay chain.",
                    "items": {
                      "$ref": "#/components/schemas/Chain"
                    }
                  },
                  "attesters": {
                    "type": "array",
                    "items": {
                      "$ref": "#/components/schemas/Attester"
                    }
                  },
                  "routes": {
                    "type": "array",
                    "description": "The best first.",
                    "items": {
                      "$ref": "#/components/schemas/Route"
                    }
                  },
                  "troubles": {
                    "type": "array",
                    "items": {
                      "$ref": "#/components/schemas/Trouble"
                    }
                  },
                  "abandoned_leaves": {
                    "type": "array",
                    "description": "The newest last, 32 at most.",
                    "items": {
                      "type": "string"
                    }
                  }
                }
              },
              "Chain": {
                "type": "object",
                "required": [
                  "name",
                  "height",
                  "blocks_behind",
                  "settled_height",
                  "reached_ms",
                  "trust_old"
                ],
                "properties": {
                  "name": {
                    "type": "string"
                  },
                  "height": {
                    "type": "integer",
                    "minimum": 0,
                    "description": "Of the newest block that was seen."
                  },
                  "blocks_behind": {
                    "type": "integer",
                    "minimum": 0,
                    "description": "Blocks that were not looked at yet."
                  },
                  "settled_height": {
                    "type": "integer",
                    "minimum": 0,
                    "description": "Everything up to this block is with the other chain."
                  },
                  "reached_ms": {
                    "type": "integer",
                    "minimum": 0,
                    "description": "When the chain was last reached, milliseconds since 1970; 0: never."
                  },
                  "committee_epoch": {
                    "type": "integer",
                    "minimum": 0,
                    "description": "Of the newest committee."
                  },
                  "committee_known": {
                    "type": "integer",
                    "minimum": 0,
                    "description": "Of the one that the other chain knows."
                  },
                  "trust_old": {
                    "type": "boolean",
                    "description": "More than a third of the other chain's trust period is over."
                  }
                }
              },
              "Attester": {
                "type": "object",
                "description": "A verification node that is asked for signatures.",
                "required": [
                  "address",
                  "trouble"
                ],
                "properties": {
                  "address": {
                    "type": "string"
                  },
                  "node": {
                    "type": "string",
                    "description": "As its chain's list names it; absent: it was not reached."
                  },
                  "trouble": {
                    "type": "string",
                    "description": "What the last question ended with; empty: it signed, or was not asked yet."
                  }
                }
              },
              "Route": {
                "type": "object",
                "description": "A relay chain over which the application chain is reached, as that chain's state has it.",
                "required": [
                  "relay",
                  "silence_s",
                  "trusted",
                  "best",
                  "own"
                ],
                "properties": {
                  "relay": {
                    "type": "string"
                  },
                  "credibility": {
                    "type": "integer",
                    "minimum": 0,
                    "maximum": 1000000,
                    "description": "Millionths, of its list of verification nodes; absent: the application chain knows none yet."
                  },
                  "silence_s": {
                    "type": "integer",
                    "minimum": 0,
                    "description": "Since the newest header that the application chain was shown."
                  },
                  "trusted": {
                    "type": "boolean",
                    "description": "The application chain's trust period for it lasts."
                  },
                  "best": {
                    "type": "boolean",
                    "description": "The best of them."
                  },
                  "own": {
                    "type": "boolean",
                    "description": "This gateway carries over it."
                  }
                }
              },
              "Trouble": {
                "type": "object",
                "description": "The last trouble of a step.",
                "required": [
                  "step",
                  "text",
                  "count",
                  "time_ms"
                ],
                "properties": {
                  "step": {
                    "enum": [
                      "scan",
                      "count",
                      "check",
                      "seek",
                      "prove",
                      "certify",
                      "submit",
                      "expire",
                      "follow",
                      "lease",
                      "height"
                    ]
                  },
                  "text": {
                    "type": "string"
                  },
                  "count": {
                    "type": "integer",
                    "minimum": 0,
                    "description": "Since the start."
                  },
                  "time_ms": {
                    "type": "integer",
                    "minimum": 0,
                    "description": "Milliseconds since 1970."
                  }
                }
              }
            },
            "responses": {
              "Malformed": {
                "description": "`malformed-parameter`: no route takes a query.",
                "content": {
                  "application/problem+json": {
                    "schema": {
                      "$ref": "#/components/schemas/Problem"
                    }
                  }
                }
              },
              "Unknown": {
                "description": "`certificate-required`.",
                "content": {
                  "application/problem+json": {
                    "schema": {
                      "$ref": "#/components/schemas/Problem"
                    }
                  }
                }
              },
              "Forbidden": {
                "description": "`role-not-allowed`, or a revoked certificate.",
                "content": {
                  "application/problem+json": {
                    "schema": {
                      "$ref": "#/components/schemas/Problem"
                    }
                  }
                }
              },
              "TooSlow": {
                "description": "The request came too slowly.",
                "content": {
                  "application/problem+json": {
                    "schema": {
                      "$ref": "#/components/schemas/Problem"
                    }
                  }
                }
              },
              "TooMany": {
                "description": "`too-many-requests`; see Retry-After.",
                "content": {
                  "application/problem+json": {
                    "schema": {
                      "$ref": "#/components/schemas/Problem"
                    }
                  }
                }
              },
              "Failed": {
                "description": "The gateway has failed; its log says why.",
                "content": {
                  "application/problem+json": {
                    "schema": {
                      "$ref": "#/components/schemas/Problem"
                    }
                  }
                }
              },
              "Unavailable": {
                "description": "A chain is not reached, or the server is busy or stopping.",
                "content": {
                  "application/problem+json": {
                    "schema": {
                      "$ref": "#/components/schemas/Problem"
                    }
                  }
                }
              }
            }
          }
        }

        """#
}
