/// `docs/openapi/attribute-issuing.json`, served at `/v1/openapi.json`; a test keeps the two equal.
enum OpenAPIDocument {
    /// OpenAPI 3.1.
    static let text = #"""
        {
          "openapi": "3.1.0",
          "info": {
            "title": "Wardline attribute issuing",
            "version": "1",
            "summary": "The attribute authority: it issues the keys that open index keys, to requesters whom the chain permits.",
            "license": {
              "name": "Apache-2.0",
              "identifier": "Apache-2.0"
            }
          },
          "servers": [
            {
              "url": "https://attributes.example:7409"
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
                "operationId": "health",
                "summary": "Say that the process runs.",
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
                    "description": "It runs.",
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
                "summary": "Say whether keys can be issued; 503 with sentences about what is in the way.",
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
                    "description": "They can.",
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
                "summary": "Counters as Prometheus text.",
                "x-roles": [
                  "operator"
                ],
                "responses": {
                  "200": {
                    "description": "Text exposition, format 0.0.4.",
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
                    "description": "The document.",
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
            "/v1/certificate": {
              "get": {
                "operationId": "certificate",
                "summary": "The authority's own certificate.",
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
                    "description": "The certificate, \"WLC1\".",
                    "content": {
                      "application/octet-stream": {
                        "schema": {
                          "type": "string",
                          "contentMediaType": "application/octet-stream"
                        }
                      }
                    }
                  },
                  "400": {
                    "$ref": "#/components/responses/Malformed"
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
            "/v1/public-key": {
              "get": {
                "operationId": "publicKey",
                "summary": "The public key for sealing. It proves nothing by itself: the chain holds it as registry.attribute-key.",
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
                    "description": "The key, \"WLM1\".",
                    "content": {
                      "application/octet-stream": {
                        "schema": {
                          "type": "string",
                          "contentMediaType": "application/octet-stream"
                        }
                      }
                    }
                  },
                  "400": {
                    "$ref": "#/components/responses/Malformed"
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
            "/v1/attribute-keys": {
              "post": {
                "operationId": "issue",
                "summary": "Issue a key for the attributes of the requester's own certificate and one permission of the chain.",
                "x-roles": [
                  "clinician",
                  "researcher"
                ],
                "requestBody": {
                  "required": true,
                  "content": {
                    "application/octet-stream": {
                      "schema": {
                        "type": "string",
                        "contentMediaType": "application/octet-stream",
                        "description": "\"WLAQ\": authority, permission, nonce, the requester's own certificate and the permission's, signed by the keys of both."
                      }
                    }
                  }
                },
                "responses": {
                  "200": {
                    "description": "The key, \"WLA1\": a secret, not to be stored on the way.",
                    "content": {
                      "application/octet-stream": {
                        "schema": {
                          "type": "string",
                          "contentMediaType": "application/octet-stream"
                        }
                      }
                    }
                  },
                  "400": {
                    "$ref": "#/components/responses/Malformed"
                  },
                  "403": {
                    "$ref": "#/components/responses/Forbidden"
                  },
                  "408": {
                    "$ref": "#/components/responses/TooSlow"
                  },
                  "413": {
                    "$ref": "#/components/responses/TooLarge"
                  },
                  "415": {
                    "$ref": "#/components/responses/OtherType"
                  },
                  "422": {
                    "$ref": "#/components/responses/NotVerified"
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
                "type": "mutualTLS"
              }
            },
            "responses": {
              "Malformed": {
                "description": "malformed-parameter: no route takes a query.",
                "content": {
                  "application/problem+json": {
                    "schema": {
                      "$ref": "#/components/schemas/Problem"
                    }
                  }
                }
              },
              "Forbidden": {
                "description": "role-not-allowed, another-requester, certificate-revoked, no-permission, permission-revoked, permission-expired, consent-forbids, consent-required, label-forbids, label-consent-required, offer-withdrawn, another-scope or unusable-attributes.",
                "content": {
                  "application/problem+json": {
                    "schema": {
                      "$ref": "#/components/schemas/Problem"
                    }
                  }
                }
              },
              "TooSlow": {
                "description": "The body did not arrive in time.",
                "content": {
                  "application/problem+json": {
                    "schema": {
                      "$ref": "#/components/schemas/Problem"
                    }
                  }
                }
              },
              "TooLarge": {
                "description": "The body is too large.",
                "content": {
                  "application/problem+json": {
                    "schema": {
                      "$ref": "#/components/schemas/Problem"
                    }
                  }
                }
              },
              "OtherType": {
                "description": "The body has another type than the route takes.",
                "content": {
                  "application/problem+json": {
                    "schema": {
                      "$ref": "#/components/schemas/Problem"
                    }
                  }
                }
              },
              "NotVerified": {
                "description": "The request is not what it must be; the code is the specification's.",
                "content": {
                  "application/problem+json": {
                    "schema": {
                      "$ref": "#/components/schemas/Problem"
                    }
                  }
                }
              },
              "TooMany": {
                "description": "Wait as Retry-After says.",
                "content": {
                  "application/problem+json": {
                    "schema": {
                      "$ref": "#/components/schemas/Problem"
                    }
                  }
                }
              },
              "Failed": {
                "description": "The authority's files or database failed; nothing was issued.",
                "content": {
                  "application/problem+json": {
                    "schema": {
                      "$ref": "#/components/schemas/Problem"
                    }
                  }
                }
              },
              "Unavailable": {
                "description": "chain-unavailable: too few validators prove what the chain holds now; key-not-published: the chain does not hold the authority's public key yet.",
                "content": {
                  "application/problem+json": {
                    "schema": {
                      "$ref": "#/components/schemas/Problem"
                    }
                  }
                }
              }
            },
            "schemas": {
              "Problem": {
                "type": "object",
                "required": [
                  "code",
                  "detail",
                  "status",
                  "title",
                  "type"
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
                    "type": "string",
                    "description": "Stable: lower-case words with hyphens, or an error code of the specification."
                  },
                  "detail": {
                    "type": "string"
                  }
                }
              }
            }
          }
        }

        """#
}
