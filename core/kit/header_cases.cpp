// What a token's header may ask for and must not get: keys of its own, extensions, another kind of token.
#include "kit/token_class.hpp"

namespace gatehouse::kit {

namespace {

// Signed by a key that the issuer does not have; the header brings it along or says where to fetch it.
void bringsItsKey(ClassMaker& make, const std::string& trapUrl) {
    const SigningKey& own = make.issuer().stranger();
    const Json jwk = own.jwk({{"kid", "own"}, {"alg", "RS256"}, {"use", "sig"}});
    const std::string ours = make.issuer().header(make.issuer().firstAlgorithm()).value("kid", "own");
    const auto refuse = [&](const char* what, const Json& more) {
        for (const std::string& kid : {std::string("own"), ours, std::string()}) {
            Json header{{"alg", "RS256"}, {"typ", "JWT"}, {"kid", kid}};
            if (kid.empty()) header.erase("kid");
            header.update(more);
            const std::string input = signingInput(header.dump(), make.issuer().claims().dump());
            make.refuse(what, compact(input, own.signature("RS256", input)));
        }
    };
    refuse("a token that brings its own key (jwk)", {{"jwk", jwk}});
    refuse("a token that says where its key is (jku)", {{"jku", trapUrl}});
    refuse("a token that says where its certificate is (x5u)", {{"x5u", trapUrl}});
    refuse("a token that brings its own certificate (x5c)", {{"x5c", {"MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A"}}});
}

// What is not used is ignored (RFC 7515 section 4): a token signed by a key that is known is good, whatever else its
// header names. The trap shows whether it is followed.
void namesWhatIsNotUsed(ClassMaker& make, const std::string& trapUrl) {
    const auto accept = [&](const char* what, const Json& more) {
        Json header = make.issuer().header(make.issuer().firstAlgorithm());
        header.update(more);
        make.accept(what, make.issuer().sign(header, make.issuer().claims()));
    };
    accept("a token that says where its certificate is as well (x5u), signed by a known key", {{"x5u", trapUrl}});
    accept("a token that says where its key is as well (jku), signed by a known key", {{"jku", trapUrl}});
    accept("a token whose cty is not JWT", {{"cty", "application/json"}});
    accept("a token with a header member that nobody knows", {{"kit-unknown", {1, 2}}});
}

// RFC 7515 section 4.1.11, RFC 7797: what is not understood is refused.
void critical(ClassMaker& make) {
    for (const Json& list : {Json::array({"exp"}), Json::array({"kit-unknown"}), Json::array(), Json("exp"),
                             Json(nullptr), Json::array({"alg"}), Json::array({1}), Json::object()})
        make.refuseHeader("crit", list, "a token with a crit that cannot be obeyed");
    Json header = make.issuer().header(make.issuer().firstAlgorithm());
    header["kit-unknown"] = true;
    header["crit"] = {"kit-unknown"};
    make.refuseHeaderText(header.dump(), "a token with an extension that must be understood");
    header = make.issuer().header(make.issuer().firstAlgorithm());
    header["b64"] = false;
    header["crit"] = {"b64"};
    make.refuseHeaderText(header.dump(), "a token whose payload is not base64url (b64 false)");
}

// A kid is a name for one of the keys that are known, never a path, a query or a command.
void strangeKeyIds(ClassMaker& make) {
    if (isSymmetric(make.issuer().firstAlgorithm())) return;
    const std::string ours = make.issuer().header(make.issuer().firstAlgorithm()).at("kid");
    for (const std::string& kid :
         {std::string("../../../../dev/null"), std::string("/dev/null"), std::string("' OR 1=1 --"), std::string("|id"),
          std::string("$(id)"), ours + " ", "KIT" + ours.substr(3), std::string("http://127.0.0.1/"),
          std::string("kit-unknown"), std::string(), std::string(1, '\0'), std::string("*")}) {
        Json header = make.issuer().header(make.issuer().firstAlgorithm());
        header["kid"] = kid;
        const std::string input = signingInput(header.dump(), make.issuer().claims().dump());
        make.refuse("a token with a strange kid, signed with an empty secret",
                    compact(input, macOf("HS256", "", input)));
        make.refuse("a token with a strange kid, signed by a stranger",
                    compact(input, make.issuer().stranger().signature("RS256", input)));
    }
    make.refuseHeader("kid", std::string(1 << 16, 'k'), "a token with a kid of 64 KiB");
    for (const Json& odd : {Json(5), Json(nullptr), Json::array({"kit-RS256-0"}), Json::object(), Json(true)})
        make.refuseHeader("kid", odd, "a token whose kid is no text");
}

void doubled(ClassMaker& make) {
    const std::string good = make.issuer().header(make.issuer().firstAlgorithm()).dump();
    const std::string alg = make.issuer().firstAlgorithm();
    make.refuseHeaderText("{\"alg\":\"none\"," + good.substr(1), "a token with alg twice");
    make.refuseHeaderText(good.substr(0, good.size() - 1) + ",\"alg\":\"" + alg + "\"}",
                          "a token with alg twice, the same");
    make.refuseHeaderText(good.substr(0, good.size() - 1) + ",\"kid\":\"a\",\"kid\":\"b\"}", "a token with kid twice");
    for (const char* text : {"", "[]", "null", "\"alg\"", "{", "{}x", "{\"alg\":}", "1"})
        make.refuseHeaderText(text, "a token whose header is no JSON object");
    Json header = make.issuer().header(alg);
    header["zip"] = "DEF"; // "{}", compressed: zip is for JWE only (RFC 7516 section 4.1.3)
    make.refuse("a compressed token", make.issuer().signText(header.dump(), std::string("\xab\xae\x05\x00", 4), alg));
}

} // namespace

TokenClass wrongHeaders(const KitIssuer& issuer, const std::string& trapUrl) {
    ClassMaker make(issuer, "header", "RFC 7515 section 4.1, RFC 8725 section 3.10");
    bringsItsKey(make, trapUrl);
    namesWhatIsNotUsed(make, trapUrl);
    critical(make);
    strangeKeyIds(make);
    doubled(make);
    return make.done();
}

// Signed by the right key, but not an access token (RFC 8725 section 3.11).
TokenClass wrongTypes(const KitIssuer& issuer) {
    ClassMaker make(issuer, "type", "RFC 9068 section 4, RFC 8725 section 3.11");
    for (const char* type : {"logout+jwt", "secevent+jwt", "dpop+jwt", "JOSE", "application/logout+jwt", "id_token"})
        make.refuseHeader("typ", type, std::string("a token of type ") + type);
    for (const Json& odd : {Json(1), Json(nullptr), Json::array({"JWT"})})
        make.refuseHeader("typ", odd, "a token whose typ is no text");
    make.refuseHeader("cty", "JWT", "a token within a token (cty JWT)");
    make.refuseClaim("typ", "ID", "an ID token (typ)");
    make.refuseClaim("token_use", "id", "an ID token (token_use)");
    make.refuseClaim("events", {{"http://schemas.openid.net/event/backchannel-logout", Json::object()}},
                     "a logout token");
    return make.done();
}

} // namespace gatehouse::kit
