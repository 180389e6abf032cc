"""Random cases of the operations on P-256, made with another implementation given as its module `ops`."""

import copy

USAGE = {"sign": 1, "kex": 2, "proxy": 4, "authority": 8, "pseudonym": 16}
NOW = 1_800_000_000
DAY = 86_400
# Values of the caller's own that the other implementation uses unseen: damaged ones keep their length.
OWN_KEYS = {"k", "k_ra", "k_pca", "grant_id"}
# The caller's own certificate, which a signer need not read.
UNREAD = {("pseu.sign", "cert")}
WORDS = ["icu-1", "vitals", "räumlich", "a", "ward.3", "hr-72", "bed_9", "日本", "x" * 80]


class CaseMaker:
    """Plays whole protocols; every step is a case, and damaged copies of it are more cases."""

    def __init__(self, ops, seed):
        from wl import common, p256

        self.ops, self.common, self.p256 = ops, common, p256
        self.seed = seed
        self.cases = []
        self.seen = {}

    def rounds(self, count):
        for number in range(count):
            self.random = self.common.Drbg(f"interop-{self.seed}-{number}")
            self.number = number
            self.primitives()
            self.signcryption()
            self.policies()
        return self.cases

    # Randomness
    def pick(self, items):
        return items[self.random.int(0, len(items) - 1)]

    def hex(self, count):
        return self.random.bytes(count).hex() if count else ""

    def some(self, longest):
        return self.hex(self.random.int(0, longest))

    def scalar(self):
        return self.p256.s2b(self.random.scalar(self.p256.n)).hex()

    def word(self):
        return self.pick(WORDS)

    def u64(self):
        return int(self.hex(6), 16)

    # Cases
    def play(self, op, **fields):
        """A case that the other implementation must accept, and damaged copies of it; returns what came out."""
        kind, out = self.ops.run(op, fields)
        if kind != "out":
            raise RuntimeError(f"{op} refused a good input: {out}")
        self.cases.append({"name": f"good-{self.number}", "op": op, "in": fields, "out": out})
        for _ in range(2):
            self.damaged(op, fields)
        self.seen.setdefault(op, []).append(fields)
        return out

    def damaged(self, op, fields):
        paths = [path for path in leaves(fields) if (op, path[0]) not in UNREAD]
        if not paths:
            return
        changed = copy.deepcopy(fields)
        what = self.damage(changed, self.pick(paths), self.pick(self.seen.get(op, [fields])))
        try:
            kind, out = self.ops.run(op, changed)
        except Exception:
            return  # Not WLError: the implementation takes no such input at all.
        key = "out" if kind == "out" else "error"
        self.cases.append({"name": f"damaged-{self.number}-{what}", "op": op, "in": changed, key: out})

    def damage(self, fields, path, other):
        """Changes one leaf of the input; `other` is an earlier input of the same operation."""
        value = at(fields, path)
        donor = at(other, path, None)
        if donor is not None and type(donor) is type(value) and self.random.int(0, 2) == 0:
            return put(fields, path, donor, "swapped")
        if isinstance(value, bool):
            return put(fields, path, not value, "negated")
        if isinstance(value, int):
            return put(fields, path, max(0, value + self.pick([-1, 1, -DAY, 300 * DAY])), "moved")
        if not is_hex(value):
            return put(fields, path, self.pick([self.word(), value + "x", value[:-1]]), "reworded")
        data = bytearray.fromhex(value)
        if data and (path[-1] in OWN_KEYS or self.random.int(0, 1)):
            bit = self.random.int(0, 8 * len(data) - 1)
            data[bit // 8] ^= 1 << bit % 8
            return put(fields, path, data.hex(), "flipped")
        forms = [data[:-1], data + b"\0", b"\0" * len(data), b"\xff" * len(data), b"", b"\0"]
        return put(fields, path, bytes(self.pick(forms)).hex(), "reshaped")

    # Protocols
    def primitives(self):
        fields = [self.some(70) for _ in range(self.random.int(0, 4))]
        self.play("transcript", fields=fields)
        self.play("tagged_hash", tag=self.word(), fields=fields)
        self.play("p256.hash_to_scalar", tag=self.word(), fields=fields)
        self.play("expand_message_xmd", msg=self.some(200), dst=self.some(300), len=self.random.int(1, 300))
        self.play("hkdf", salt_tag=self.word(), ikm=self.some(64), info=self.some(90), len=self.random.int(1, 200))
        k = self.scalar()
        self.play("p256.decode_scalar", scalar=k)
        point = self.public(k)
        self.play("p256.decode_point", point=point)
        self.play("p256.mul", k=self.scalar(), point=point)
        ctx, msg = self.some(20), self.some(100)
        sig = self.play("schnorr.sign", d=k, ctx=ctx, msg=msg, aux=self.hex(32))["sig"]
        self.play("schnorr.verify", pk=point, ctx=ctx, msg=msg, sig=sig)
        b1, b2 = self.public(self.scalar()), self.public(self.scalar())
        proof = self.play("dleq.prove", w=k, b1=b1, b2=b2, ctx=ctx, aux=self.hex(32))
        self.play("dleq.verify", b1=b1, b2=b2, ctx=ctx, **proof)
        box = self.play("ecies.seal", pk=point, aad=ctx, pt=msg, e=self.scalar())["ct"]
        self.play("ecies.open", d=k, aad=ctx, ct=box)

    def public(self, k):
        return self.p256.enc(self.p256.mul(int(k, 16))).hex()

    def party(self, subject, usage):
        """Request, issue, receive: a certificate with its key."""
        k = self.scalar()
        fields = dict(issuer=self.issuer["issuer"], serial=self.u64(), subject=subject, not_before=NOW - DAY,
                      not_after=NOW + DAY, usage=usage, attrs=sorted({f"role:{subject}", "ward:3"}), ext=self.some(20))
        request = self.play("ecqv.request", k_u=k, aux=self.hex(32), subject=subject)
        issued = self.play("ecqv.issue", d_ca=self.d_ca, k=self.scalar(), **request, **fields)
        key = self.play("ecqv.receive", k_u=k, cert=issued["cert"], r=issued["r"], **self.issuer)
        self.play("ecqv.public_key", cert=issued["cert"], now=NOW, usage=usage, **self.issuer)
        return dict(id=subject, cert=issued["cert"], digest=issued["digest"], d=key["d_U"], Q=key["Q_U"])

    def signcryption(self):
        self.d_ca = self.scalar()
        self.issuer = {"issuer": self.word(), "Q_ca": self.public(self.d_ca)}
        owner = self.party("owner", USAGE["sign"] | USAGE["kex"])
        sender = self.party("gateway", USAGE["sign"])
        label, epoch = self.word(), self.u64()
        scope = self.play("cbsre.scope_key", owner_secret=self.hex(32), owner=owner["id"], label=label, epoch=epoch)
        descriptor = self.play("cbsre.scope_descriptor", d_scope=scope["d_scope"], d_owner=owner["d"], owner=owner["id"],
                               owner_cert=owner["cert"], label=label, epoch=epoch, aux1=self.hex(32), aux2=self.hex(32))
        ours = dict(descriptor=descriptor["descriptor"], owner_cert=owner["cert"], **self.issuer)
        self.play("cbsre.scope_verify", now=NOW, **ours)

        identity = self.common.T("DATA", owner["id"], label, self.common.u64(epoch), sender["id"])
        capsule = b"WLK1" + self.common.lp(identity) + self.random.bytes(160)
        mode = self.random.int(0, 1)
        records = [dict(id=self.word(), type=self.word(), time=self.u64(), data=self.some(300))
                   for _ in range(self.random.int(1, 4))]
        header = dict(mode=mode, sender=sender["id"], sender_cd=sender["digest"], scope_digest=descriptor["digest"],
                      Q_scope=scope["Q_scope"], created=NOW, seq=self.u64(), policy_digest=self.hex(32),
                      capsule=self.common.H("IBE-CAPSULE", capsule).hex() if mode else "", n_records=len(records))
        epoch_key = {"k_epoch": self.hex(32)} if mode else {}
        named = {} if self.random.int(0, 1) else dict(now=NOW, **ours)
        sealed = self.play("cbsre.signcrypt", d_s=sender["d"], header=header, records=records, eta=self.hex(32),
                           aux=self.hex(32), **epoch_key, **named)
        sent = dict(envelope=sealed["envelope"], sender_cert=sender["cert"], **self.issuer)
        self.play("cbsre.verify", **sent)
        opened = self.play("cbsre.decrypt_owner", d_scope=scope["d_scope"], descriptor=ours["descriptor"], **epoch_key, **sent)
        assert opened["records"] == records
        self.reencryption(owner, scope, ours, sent, records, epoch_key,
                          {"capsule": capsule.hex()} if mode else {"single_control": True})

    def reencryption(self, owner, scope, ours, sent, records, epoch_key, control):
        receiver, foreign = self.pseudonym() if self.random.int(0, 1) else (self.party("dr-x", USAGE["kex"]), {})
        n = self.random.int(1, 3)
        t = self.random.int(1, n)
        centers = [self.party(f"cpc-{i}", USAGE["sign"] | USAGE["proxy"]) for i in range(n)]
        issued = self.play("cbsre.rekey", d_scope=scope["d_scope"], d_owner=owner["d"], owner=owner["id"],
                           receiver=receiver["id"], receiver_cert=receiver["cert"], grant_id=self.hex(32), x=self.scalar(),
                           coeffs=[self.scalar() for _ in range(t - 1)],
                           cpcs=[dict(id=center["id"], cert=center["cert"]) for center in centers],
                           not_before=NOW - 60, not_after=NOW + 3600, ephemerals=[self.scalar() for _ in range(n)],
                           aux=self.hex(32), now=NOW, **ours, **foreign)
        grant = dict(grant=issued["grant"], **ours)
        self.play("cbsre.grant_verify", now=NOW, **grant)
        nonce, parts = self.hex(32), []
        single = {key: value for key, value in control.items() if key == "single_control"}
        for number in sorted(range(n), key=lambda _: self.u64())[:self.random.int(t, n)]:
            share = self.play("cbsre.open_package", package=issued["packages"][number], index=number + 1,
                              d_cpc=centers[number]["d"], now=NOW, **grant)["share"]
            part = self.play("cbsre.reencrypt", index=number + 1, share=share, nonce=nonce, now=NOW, aux=self.hex(32),
                             **{**sent, **grant}, **single)["part"]
            self.play("cbsre.check_part", envelope=sent["envelope"], nonce=nonce, part=part, **grant)
            parts.append(part)
        opened = self.play("cbsre.decrypt_receiver", d_r=receiver["d"], receiver_cert=receiver["cert"], nonce=nonce,
                           parts=parts, **{**sent, **grant}, **epoch_key, **control)
        assert opened["records"] == records

    def pseudonym(self):
        """The whole of section 10; returns a receiver without a name and who issued its certificate."""
        user, d_pca, k_ra, k_pca = self.party("patient-7", USAGE["sign"]), self.scalar(), self.hex(32), self.hex(32)
        pca = {"issuer": self.word(), "Q_pca": self.public(d_pca)}
        asked = dict(subject=user["id"], a=self.scalar(), k=self.hex(32), epoch=self.u64(), count=self.random.int(1, 9))
        request = self.play("pseu.request", d_id=user["d"], ra_id="ra-1", aux1=self.hex(32), aux2=self.hex(32), **asked)
        signed = dict(request=request["request"], Q_id=user["Q"], ra_id="ra-1")
        self.play("pseu.request_verify", **signed)
        place = dict(epoch=asked["epoch"], index=self.random.int(0, asked["count"] - 1))
        cocoon = self.play("pseu.cocoon", a=asked["a"], k=asked["k"], **place)
        handle = self.play("pseu.handle", k_ra=k_ra, subject=user["id"], nonce=self.hex(12), **place)["handle"]
        issued = self.play("pseu.issue", d_pca=d_pca, k_pca=k_pca, issuer=pca["issuer"], B=cocoon["B"], handle=handle,
                           serial=self.u64(), not_before=NOW - DAY, not_after=NOW + DAY, attrs=["role:patient"],
                           r_c=self.hex(32), nonce=self.hex(12), e=self.scalar(), aux=self.hex(32))
        key = self.play("pseu.receive", b=cocoon["b"], response=issued["response"], **pca)
        message = self.some(90)
        sig = self.play("pseu.sign", d=key["d"], cert=key["cert"], msg=message, aux=self.hex(32))["sig"]
        self.play("pseu.verify", sig=sig, msg=message, now=NOW, **pca)
        found = self.play("pseu.trace_pca", d_pca=d_pca, k_pca=k_pca, cert=key["cert"], aux=self.hex(32))
        self.play("pseu.trace_verify", cert=key["cert"], B=found["B"], proof=found["proof"])
        self.play("pseu.trace_ra", k_ra=k_ra, handle=found["handle"], B=found["B"], **signed)
        return (dict(id="", cert=key["cert"], d=key["d"]),
                {"receiver_issuer": pca["issuer"], "receiver_Q_ca": pca["Q_pca"]})

    def policies(self):
        text = self.policy(self.random.int(0, 3))
        canonical = self.play("policy.canonical", text=text)["canonical"]
        attributes = [f"role:{name}" for name in "abcd" if self.random.int(0, 1)]
        attributes += [f"level={self.random.int(0, 70)}"] if self.random.int(0, 1) else []
        self.play("policy.satisfied", text=canonical, attrs=attributes)

    def policy(self, depth):
        gap = self.pick(["", " ", "\t ", "\n"])
        if depth == 0:
            if self.random.int(0, 2):
                return f"{gap}role:{self.pick('abcd')}{gap}"
            return f"level{gap}{self.pick(['>=', '<=', '>', '<', '='])}{gap}{self.random.int(1, 70)}"
        parts = [self.policy(self.random.int(0, depth - 1)) for _ in range(self.random.int(1, 4))]
        if self.random.int(0, 2) == 0:
            return f"{self.random.int(1, len(parts))} of{gap}({(',' + gap).join(parts)})"
        return "(" + self.pick([" and ", " or "]).join(parts) + f"){gap}"


def leaves(value, path=()):
    """Paths of the texts, integers and booleans inside an input."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if items is None:
        yield path
        return
    for key, inner in items:
        yield from leaves(inner, (*path, key))


MISSING = object()


def at(value, path, default=MISSING):
    try:
        for key in path:
            value = value[key]
    except (KeyError, IndexError, TypeError):
        if default is MISSING:
            raise
        return default
    return value


def put(value, path, new, how):
    at(value, path[:-1])[path[-1]] = new
    return f"{path[0]}-{how}"


def is_hex(text):
    return len(text) % 2 == 0 and not text.strip("0123456789abcdef")
