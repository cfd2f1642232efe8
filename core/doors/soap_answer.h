#pragma once

#include <string>

#include "core/exchange/call.h"

namespace datong::doors {

/// What an answer takes over from its request.
struct SoapEnds {
    std::string version;  ///< "1.1" or "1.2"
    std::string uri;      ///< namespace of the request's body, in which it is answered
    std::string call_id;
    bool takes_parts{};  ///< it is answered by MTOM where there are files
};

/// Writes an answer as the same JSON in its XML form, or a problem as a SOAP fault with the problem in its detail;
/// signed over Body, our header, Timestamp and the confirmation of the request's signature when the caller is known.
/// @param answer  its body is taken over, its status becomes that of SOAP over HTTP: 200; a fault 500, of SOAP 1.2 400
///                where the sender has to do something. Source: SOAP 1.1, 6.2; SOAP 1.2 part 2, 7.5.2.2, table 20.
[[nodiscard]] Result<exchange::Sealed> write_soap(exchange::Answer& answer, const exchange::Visit& visit,
                                                  const SoapEnds& ends, bool signed_too);

}  // namespace datong::doors
