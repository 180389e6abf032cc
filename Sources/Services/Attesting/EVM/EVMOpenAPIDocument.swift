/// `docs/openapi/attester-evm.json`, served at `/v1/openapi.json`; a test keeps the two equal.
enum EVMOpenAPIDocument {
    /// OpenAPI 3.1.
    static let text = #"""
        {
          "openapi": "3.1.0",
          "info": {
            "title": "Wardline verification node of a chain with an EVM",
            "version": "1",
            "summary": "Signs hops that its chain's broker has said, and what the relay chain tells the broker.",
            "license": {
              "name": "Apache-2.0",
              "identifier": "Apache-2.0"
            }
          },
          "servers": [
            {
              "url": "https://attester.example:7411"
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
                "summary": "Say whether hops can be signed; 503 with sentences about what is in the way.",
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
            "/v1/node": {
              "get": {
                "operationId": "node",
                "summary": "Who the node is, for which chain it signs, and with which key.",
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
                    "description": "\"WLND\".",
                    "content": {
                      "application/octet-stream": {
                        "schema": {
                          "type": "string",
                          "format": "binary"
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
            "/v1/hops": {
              "post": {
                "operationId": "signHop",
                "summary": "Sign a hop that the broker has said in a block which is final by the node's own view.",
                "x-roles": [
                  "gateway",
                  "operator",
                  "relay"
                ],
                "responses": {
                  "200": {
                    "description": "The signature of the record's signed bytes, 96 bytes; what it says was on the disk before.",
                    "content": {
                      "application/octet-stream": {
                        "schema": {
                          "type": "string",
                          "format": "binary"
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
                  "409": {
                    "$ref": "#/components/responses/Contradiction"
                  },
                  "413": {
                    "$ref": "#/components/responses/TooLarge"
                  },
                  "415": {
                    "$ref": "#/components/responses/OtherType"
                  },
                  "422": {
                    "$ref": "#/components/responses/Refused"
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
                },
                "requestBody": {
                  "required": true,
                  "description": "\"WLHE\": the path with the hop, without certificate, and the proof of the broker's log.",
                  "content": {
                    "application/octet-stream": {
                      "schema": {
                        "type": "string",
                        "format": "binary"
                      }
                    }
                  }
                }
              }
            },
            "/v1/statements": {
              "post": {
                "operationId": "signStatement",
                "summary": "Sign for the broker what the relay chain has told its chain.",
                "x-roles": [
                  "gateway",
                  "operator",
                  "relay"
                ],
                "responses": {
                  "200": {
                    "description": "A secp256k1 signature of the statement's digest, 65 bytes (r, s, v); what it says was on the disk before.",
                    "content": {
                      "application/octet-stream": {
                        "schema": {
                          "type": "string",
                          "format": "binary"
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
                  "409": {
                    "$ref": "#/components/responses/Contradiction"
                  },
                  "413": {
                    "$ref": "#/components/responses/TooLarge"
                  },
                  "415": {
                    "$ref": "#/components/responses/OtherType"
                  },
                  "422": {
                    "$ref": "#/components/responses/Refused"
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
                },
                "requestBody": {
                  "required": true,
                  "description": "\"WLES\": the epoch of the set that the broker believes, the proof of the relay chain's notice, the path of the message that it hands on, and the request where one is to be undone.",
                  "content": {
                    "application/octet-stream": {
                      "schema": {
                        "type": "string",
                        "format": "binary"
                      }
                    }
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
                "description": "`store-failed`.",
                "content": {
                  "application/problem+json": {
                    "schema": {
                      "$ref": "#/components/schemas/Problem"
                    }
                  }
                }
              },
              "Unavailable": {
                "description": "`chain-unavailable`, or the server is busy or stopping.",
                "content": {
                  "application/problem+json": {
                    "schema": {
                      "$ref": "#/components/schemas/Problem"
                    }
                  }
                }
              },
              "Contradiction": {
                "description": "`contradiction` or `chain-split`: the node has signed something else.",
                "content": {
                  "application/problem+json": {
                    "schema": {
                      "$ref": "#/components/schemas/Problem"
                    }
                  }
                }
              },
              "TooLarge": {
                "description": "The question is too long.",
                "content": {
                  "application/problem+json": {
                    "schema": {
                      "$ref": "#/components/schemas/Problem"
                    }
                  }
                }
              },
              "OtherType": {
                "description": "`unsupported-media-type`.",
                "content": {
                  "application/problem+json": {
                    "schema": {
                      "$ref": "#/components/schemas/Problem"
                    }
                  }
                }
              },
              "Refused": {
                "description": "`another-chain`, `not-proven`, `another-message`, `another-list`, `not-a-node`, `expired`, `expires-too-late`, `bad-path`, or a code of the specification.",
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
