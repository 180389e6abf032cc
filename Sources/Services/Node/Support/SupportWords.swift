/// The words that may stand in a support bundle: those of the program's own sentences, settings and error texts.
///
/// Written by scripts/support_words.py.
enum SupportWords {
    /// Case matters.
    static let all: Set<Substring> = Set(
        """
        ABI ACK ADT AGE ALL ALTER AND ANY ASCII Accept Accessing Activity Add Address Advertise After Age Agree
        Alarm Alert All Allows Also Announce Answer Answers Application Argument Ask Asks Associate Attempting
        AuditEvents BED BEGIN BROKE Bad Beds Begin Behind Believe Believed Block Blocks Blood Both Bridges Bring
        Broken Bundle Bundles Bursts Bytes CBOR CENTER COLUMN COMMIT COMMITTED CONFLICT CONNACK CONSORTIUM CONTEXT
        CONTROL COUNT CREATE CSI CSV CUSTODIAN Call Calories Can Cannot Canonical Capillary Carry Cel Celsius
        Centers Certificates Certify Changes Channel Check Clients CodeableConcept Collect Columns Comma
        Communication Compute Connect Connection Connections Consent Consents Contradictions Contribute Copy Count
        Counters Counts DELETE DESC DEVICE DIR DIRECTORY DNS DOES Days Decide Delete Delivered Deliveries Dependency
        Deploy Describe Destination Device Devices Directory Disk Draws Drift Durable ECIES ECQV EIP EMERGENCY EOF
        EVM EVN EXCLUSIVE EXISTS EXTENSION EXTERNAL Emergency End Enrol Entries Envelopes Epoch Epochs Event Every
        Everything Examine Example Exchange Exec Exit FHIR FILE FOR FROM FULL Fail Failed Fetch Figures File Files
        Fill Final Find Finish For Forget Found Fraction Frames Freeze From Function GATEWAY GATT GENESIS GET GROUP
        Gas Gateway Get Give Glucometer Glucose Governors Grant Grants HAVING HEAD HELP HOLD HOST HTTP Hand Hash
        Have Headers Heart Height Hematocrit Hold Host Hours How IBE IBTP IDENTITY IGNORE IMMEDIATE INDEX INSERT
        INTEGER INTO IRCP ISOLATION ITS Identifier Illegal Imported Inappropriate Input Insufficient Interrupted
        Invalid Is Issue Issues Its JMESPath JOIN JSON JmesPath JsonPath Judge KEY KEYWORD KGC Keep Key Keys Kind
        Knows LEVEL LIMIT LOINC Labels Last Leaves Left Length Let Letters Level Lines Link List Lists
        LoadCredential Loads Look Lower MDC MEMORY MLLP MQTT MSH Machine Made Make Manufacturer May Mean Members
        Memory Message Messages MiB Millionths Milliseconds Missing More Movements Moves Multihop NAME NDJSON NIBP
        NOT NOTHING NTP NUL NULL Name Names Needs Network Newest No None Not Nothing Numbers Numerical OFF ONLY
        OPTIN OPTOUT ORDER ORGANIZATION ORU Object Observation Observations Oldest One Only Open OpenSSL Operation
        Otherwise Out Output Override Owner PARAMS PEM PKCS PORT POST PRAGMA PRIMARY PRIVACY PROMISE PROVEN PUBREC
        PUBREL PUT Package Parts Party Permission Place Plasma Port PostgreSQL Print Prints Privacy Profile
        Prometheus Proofs Properties Proposals Propose Proposed Protocol Prove Proven Publish Put QoS Quantity
        Questions READ README REENC REPEATABLE REPLACE REQ RF RFC RFS RLP RPC Random Read Receipts Record RefID
        Refuse Register Registration Release Remote Remove Repeating Replace Requests Required Resource Respiratory
        Retry Revoke Role Room Run SELECT SET SHA SIGHUP SIGINT SIGTERM SINGLE SQLite STATE STORAGE SVG SampledData
        Samples Satisfied Say Sealed Seconds Security See Segment SenML Send Serum Serve Set Share Show Sign
        Signature Signs Since Size Skin Socket Software Source Sparkplug Speak Srmount Stable Stale Start Started
        State Stop Storage Store Stored Stores Streams String Structure Submissions SystemProperties TABLE TCP TEXT
        TLS TPM TRUNCATE TYPE Take Takes Tell Temp Temperature Template Test Text That The There These They This
        Those Time Timer Times Too Topic Topics Transactions Transport Treat Trust Try UCUM UNICODE UNION UNIQUE
        UPDATE URI URL USING UTF Under Unix Unknown Unsupported Upper Use Used User VALID VALIDATORS VALUES
        Validators Value Verifications Verify Version View Volume Vote Votes Vouch WAL WARDLINE WHERE WLAQ WLDN WLES
        WLGF WLGN WLHE WLHQ WLND WLPX WLRC WLTH WLTP WLVP WLXP WLYP WRAP Wait Wardline Weeks What When Where Whether
        Which Who Whoever Whole Whose Why Windows With Withdraw Without Work Write Wrong XENIX YAML Your abandoned
        abe abort about above abpd abpdia abpm abpmean abps abpsys abs absence absent absolute accept acceptance
        accepted accepting accepts access accordingly account accounted accounts ack acknowledged acknowledgement
        acknowledgements acknowledging across act action actions activation activations active actor add added
        additional address addresses adds admit admitted adopted adt advice advisory after again against age agent
        aggregated ago agree agreed ahead airway alarm alarms alert alias aliases alike alive all alliance allies
        allocate allow allowed allowing allows ally alone already also alt altered alternate although always
        ambienttemp amcheck among amplitude an analysis anchor anchored anchoring anchors and anew announce
        announced annunciation anode another answer answered answers any anybody anything apart appeal appealed
        appeals appends application applies approval approvals approve approved are argument arguments armpit around
        array arrival arrive artdia arterial artmean artsys as ascend ascending aside ask asked asker asking asks
        assign assigned assigner associate association associations assumed at attached attempt attempted attempts
        attest attested attester attesters attribute attributes audio audit author authorities authority
        authorization autocheckpoint available avg avoided away back backlog backup backups bad balance balanced
        barred barrier base basis bat batch batches batt battery batterylevel batterypercent be beacon beats
        beatsperminute became because become becomes bed bedid bedlabel bednumber beds bedside been before began
        begin beginning begins begun behind being believed believes belong belongs below beside besides best between
        beyond bg bigint bignum binary binding binds birth births bit bitmap bits black blank blinded blob block
        blocks blood bloodglucose bloodoxygen bloodpressure bls bmi bn bodies body bodyheight bodymass bodymassindex
        bodytemp bodytemperature bodyweight books boolean both bound boundary bounded bounds boxed boxes bp bpdia
        bpm bpsys br braces brackets branch break breaks breathingrate breaths bridge bring brings broke broken
        broker brokers brought browser brpm bs bt bu bucket budget buffer built bundle bundles burned burst bursts
        business busy but bv bver by byte bytea bytes ca cache cal calibration call called caller calls calm
        calories caloriesburned came can canaries canary cancel canceled cancelled candidates cannot canonical
        capillary capsule capsules capture captures card care careunit carried carries carry case cases cat catalog
        catalogue catch catches category cause caused cbor cel celsius center centers centimeter centimeters
        centimetre centimetres ceremony cert certificate certificates certified certifies certify chain chains
        change changed changes changing channel channels chaos character characteristic characters check checked
        checking checkpoint checks checksum checksums child chmod choose chosen chunk chunks ciphertext circuit
        citation cited cites claimed claims class cleaning client clients clinician clock clocks close closed closes
        cm coalesce coalition cocoon code codeableconcept coded codes codevaluefhir coding codings coefficients
        collecting collection collectionfhir colon column columns come comes comma command commands commas commit
        commitment commitments commits committed committee committees comparator compare compared compares comparing
        comparisons complete component components compress compressed compressor compromised computed computing
        concat concentration concept concepts concerns condemn condition conduct config configuration configurations
        configured configures confirmed conflict conflicting connect connected connection connections connects
        conninfo consensus consent consents consist consistent consortia consortium constant constraints constructed
        contact contains content contents context continue continues continuity continuous contract contracts
        contradict contradicted contradiction contradictions contradicts contribute contributed contributing
        contribution contributions control convict convicted coordinate coordinates coordinator copies copy correct
        corrected corrections correlation corrupted cost costs could count counted counter counters counts court cpc
        crash create created createdat creation cred credential credentials credibility credit credits creds
        critical cross cryptographic csr csv cuff culprit curl current cursor custodian custodians cut cycle czf
        damage damaged damages dashboard data database dataset datasets datatype date datetime day daylight days db
        dbaspl dbname dbp dbspl dead deadletter deadline deadlines deadlock death deaths debug decide decided
        decider decides decimal decision decisions declared declares decoder decoders decompress decrypt dedup deep
        deeper deeply default defined definite deflate deg degF degc degcelsius degf degfahrenheit degree
        degreescelsius delay delays delete deleted deliver delivered deliveries delivery demands demonstration
        denial denied denies denominator deny denying department deploy deployed deposit deposits depth described
        describes description descriptor descriptors desired destination destroyed detail development deveui
        deviation device deviceid deviceidentifier devices deviceserial devicetime devid dia diastolic diastolicbp
        dictionary did die died dies differ differences different differs digest digests digit digits direction
        directly directory discharge discharged disconnected discount disk disks dismiss displaced display
        disposition dispositions distinct divide do docs doctor document documented does domain done dot dots
        doublings down dpkg draft drift driver dropped dry dual due duplicate duplicates duplication durable durably
        during each ear earlier earliest earlobe early ecghr edge effect effective eight eighth either elected
        elements else elsewhere emergency empty enable enabled encode encoding encodings encounters encrypt
        encrypted encryption encrypts end enddate ended ending endorse endorsed endorsement endpoint ends endswith
        energy energyexpended enlarge enough enqueuedtime enrol enroll enrolled enrolment enrols enter entered
        entity entries entry enum enumeration envelope envelopes epoch epochs equal equals equipment erase erratic
        error errors escape escaped escrow estimated eui even event events eventtime ever every everybody everything
        everywhere evidence evm examine example examples exceeded exceeds exchange exchanges excluded exec executed
        exist existing exists exit expectation expected expended expire expired expires expiry explain explains
        explanation exponent export exported exports exposition expression extended extension extensions extname
        facility factor fahrenheit fail failed failing fails failure failures falls false family far fast faster
        fasting fault faults faulty fee fetch fetched few fewer fewest fhir field fields figures file filed files
        fill filler fills filter filters final finality finalized find finding finger fingerprint finish finished
        firewalls first fit five fixed flag flags flight floods flow flowing fluid folder folders follow followed
        follower follows font for forbid forbids force foreign forge forged forget forgotten fork form format
        formats forwards found four fraction frame framed frames free freelist freeze fresh from frozen fsync full
        fully function further future gain gains gap gaps gas gastrointestinal gateway gateways gathered gatt gauge
        gave generate generation generations genesis get gets give given giver gives glu glucose glucosemgdl
        glucosemmol go goes going gone good got governance governor governors governs gram grams grant granted
        grantee grants group groups grouptime gwei had half halted halves hand handed handing handle handover
        handovers hands handshake happen happened hardware harm harmless has hash hashed hashes have having head
        header headers healed health healthy healthz heard heart heartbeat heartrate heartrateresting height heights
        held hello help helps her here hers hex hexadecimal hg hides high higher highest hint histogram historical
        history hold holder holders holds hole holiday home hop hops hospital host hosts hour hours how hr hrecg hrv
        ht http https hub hubs hwid hyphens ibe ibpdia ibpmean ibpsys id identifier identifiers identities identity
        idle ids if ignore ignored imei implemented implicit implies import imported improper in inactivation
        inactive inadequate inadmissible inbox incentives inch inches include included inclusion incomplete
        inconsistent incorrect incremental indefinite index indexes infinity info information init inner input
        inputs inserted insertion inspect install installed installs instance instead institution insufficient
        intake integer integers integrity interchain interface interference interleaved intermediate internal
        interrupted interstitial interval intervals into invalid invasive ioctl iomt iothub irregular irregularity
        is isCertified isHub issue issued issuer issuers issues issuing it item items its itself jailed jitter
        jmespath jobs join joined joins joint jointly journal journalctl json jsonpath judged judges jump jumps just
        kPa kcal keep keepalive keepalives keeps kept key keygen keys keyword keywords kg kgc kgs kill kilocalories
        kilogram kilograms kind kinds kj knew know knowing known knows kpa label labelled labels lacks lag lags lane
        language lapsed large larger last lasts lastupdate latched late lately later latest lawful lawfully lb lbs
        le lead leader leading leads leaf lease leased least leave leaves leaving ledger left length less let lets
        letter lettered letters level levels lib libraries library license lie lies life light like limit limits
        line lines linger link links list listed listen listener listeners listening listens listing listings lists
        literal live lives load loaded loads localhost location lock locked locking locks log logarithm logs loinc
        lone long longer look looked looking looks loopback loose lose loses loss lost low lower lowers lowest mac
        macaddress machine made make makes malformed malfunction malfunctioning manifest mantissa many map mapping
        margin mark marked marker marks mass master match matched matches material matter max maximum may mbp md mdc
        mean meanbp meaning means meant meanwhile measure measured measuredat measurement measurements
        measurementtime measuretime mebibyte media medium member members membership memory mend mended mends merged
        message messages messagetime meta metadata meter meters method methods metre metres metric metrics middle
        millionths millisecond milliseconds min mine minimum minority minus minute minutes misbehaved misbehaviour
        mismatch misses missing mistake mistakes misuse mllp mm mmap mmhg mode model mol molar moment monitor
        monitorid monitors month more mosquitto most mouth move moved movement movements moves mqtt mrn ms msec much
        multibyte multiplied multiply must mv name named names narrow ndjson need needed needs negative neither
        nested nesting network never new newcomer newer newest news next nibp nibpd nibpdia nibpdiastolic nibpm
        nibpmap nibpmean nibps nibpsys nibpsystolic no nobody node nodeid nodes non nonce nonces none nonpulsatile
        nor normalization normalize normalized normalizer not note nothing notice notify now nowhere ns null number
        numberofsteps numbers numerator numeric nym object objects observation observations observedat observer
        obstacle obtain occupy occurred occurs odd of off offer offered offers offline offset often oid ok old older
        oldest on once one ones ongoing only open openapi opened opening opens operation operator operators options
        or order ordered orders ordinal org organization organizations origin other others otherwise out outbound
        outbox outcome outdated outermost output outs outside over overflow overlap oversized overtake overwritten
        own owner owns oximetry oximetrypulse oxy oxygen oxygenflow oxygensaturation pack package packet padded
        padding page pager pages paid pair panel param parameter parameters parent parentheses part parties
        partition parts party pass passed password past path paths patient patientid patientnumber patients pattern
        patterns paused payer payload payloads pays pct peer peers penalty pending people per percent percentage
        perf performer perfusion perfusionindex perhaps period perm permin permission permissions permit permits
        permitted permitting persist person pg phase physiological pi picture pid ping pipe place places plain
        plaintext plan plasma plausible plethrate plx point pointer pointofcare points policies policy poll pool
        poor port ports position positive possession possible post postgres pound pounds power powers ppm pr
        predecessor prefer prefix premature prepare prepared prepares present pressure previous print printable
        printed prints prior priority privacy private privileged problem problems process processed processes
        processing profile profiles program programs progress projection promise proof proofs properties property
        proposal proposals propose proposed proposer proposes protobuf protocol provable provably prove proved
        proven provenance proves proving provision prozent prpleth prune pruned pruning pseudonym pseudonyms public
        publication publish published publisher publishers publishes publishing puls pulse pulserate punished
        purpose purposes put puts pvc qos qualified quality quantity quarter query question questionable queue
        queued queues quiet quorum quota quote quoted quotes raise ran random range rate rates rather ratio raw
        rawValue re reach reachable reached read readable reader readiness reading readings reads ready readyz
        reason reasons rebuild receipt receipts receive received receiver receivers receives recognise recognised
        reconnect reconstruction record recorded recordedat recording recordnumber records recoverable rectum
        redelivered reencryption reference references referred refid refresh refreshes refreshing refund refusal
        refusals refuse refused refuses refusing regclass register registered registers registration registry
        regular rehearse reign reissued reject rejected rejection rejects rekey rekeys related relative relay
        relaying relays release reloaded remembered remembers remote remove removed rename renew renewal renewed
        reordering repair repeat repeatable repeated repeating repeats repetitions replace replaced replaces replay
        replayed replays report reported reporter request requested requester requesters requestor requests require
        required requires rescale research researcher reserved reset resolved resource resourceType resources resp
        respects respirationrate respiratory respiratoryrate response responses resprate rest restart restarted
        resting restingheartrate restinghr restore restoring result results resuming retention retire retired
        retransmission retry reused revision revocation revocations revoke revoked revoking reward right rlp role
        roles rollback room roomtemp roomtemperature root roots rose rotate rotation round rounds route routes row
        rowid rows rpm rr rule rules run running runs safe safety said salt same sample sampled sampledat
        sampleddata samples sans sat satisfied satisfies satisfy saturation saving saw say saying says sbp scalar
        scan schema schemaname schemas scope scopes score screen screens scrub sdnn seal sealed sealer sealing seals
        search seat seats sec second seconds secret secrets section secure security see seed seeds seek seen sees
        segment segments select selector self semaphores send sender senders sending sends senml sensor sensorid
        sent sentences sentinels separated separator seq sequence serial serialno serialnumber series serif serve
        served server servers serves service services session set sets setting settings settled setup several
        severed share shared shares sharing she shm shorten shorter should show showing shown shows shrunk shutdown
        sibling siblings side sign signal signature signatures signed signer signers significant signing signs
        silence silent simple simulation since single sink sinks site size sizes skintemp skintemperature skip skips
        slice slot slots slow slower slowly small sn snapshot snapshots snomed so soc socket software solution some
        somebody something soon sorting source sources sp space spaces span sparkplug speak speaking speaks specific
        specification specified spite spl splice split splits spool spooled spot sql sqlite srm stable stage stale
        stamp stand standard standing stands start startdate started starting starts startswith state stated
        statement statements states station stats stature status stay stays stdin step stepcount stepped steps
        stepscount steward stewards still stood stop stopped stopping stops storage store stored stores storm
        stranger strangers stream streams string strip structure study sub subgroup subgroups subject subjectAltName
        subjects submissions submit submitted subscribe subscription subscriptions substring subtract subtype
        succeeded success such suffix sum summary support supported suppressed surplus surrogate survive survives
        suspect suspicion svg symbolic sync synchronizations synchronize synchronized synchronous sys system
        systemctl systemd systolic systolicbp systolicpressure tab table tablename tables tag tags tail take taken
        taker takes talk tally tar tcore tcp technical tell tells temp tempc temperature tempf template templateType
        templates temporarily temporary ten tenths term terminal test testing tests text texts than that thaw the
        their them then there these they thing things third this those though thread threads three threshold through
        time timed timedatectl timeout timer timers times timestamp timestampms tip title tls tmp to toe together
        token tokens told too took top topic topics tore torn torr total touching trace traced traceparent tracing
        tract trail trailing transaction transactions transcript transfer transient transport tree trees trends
        trial trie tried tries trigger trouble troubles true truncated trust trusted trusts truth truthfully try
        trying ts tskin turn turns twice twins two tx txt tympanum type typeName unable uname unanswered unassigned
        unassociated unavailable unbond unbonding unchanged uncompressed unconnected under underscores understood
        underway undetermined undoes undone unencrypted unexpected unfinished unfit union unique unit unitcode
        unitid unitless units universal unix unixtime unknown unlawful unless unlike unlisted unmasked unmatched
        unnamed unnest unpaid unquoted unreachable unreadable unsealed unsigned unsubscribing unsupported until
        unusable unused unwrapped uom up update updated upgrade uplink uploads upper upwards url us usable usage use
        used user username users uses ut utc vacuum val valid validated validator validators validity value
        valueExpression valueName valueType values vanished variability variables vb vd venous ventilator
        ventricular verdict verification verifications verified verifies verify verifying version versions very via
        view views visit vital vitals voice volt vote voted votes vouch vouched vouches vpc vs wait waited waiting
        waits wal wallet want wanted wants ward wardid wardline warning warnings was watch wave waveforms waves way
        ways week weeks weight well went were what whatever when whenever where whether which while white who
        whoever whole whom whomever whose why wide wildcard wildcards will window windows wire with withdraw
        withdrawing withdrawn withdrew within without wla wlc wldv wlg wlho wlm wlsg wltf wltp wlvp wly word words
        work working worth would wrap wrapped wrapping wrappings write writer writers writes written wrong wrote wt
        xact yaml year years yes yet yml you your zero zeroblob zeros zk zlib zone zstd
        """.split { $0 == " " || $0 == "\n" }
    )
}
