// Asio's own code, compiled once for the whole program (BOOST_ASIO_SEPARATE_COMPILATION). Its TLS part
// stands in core/http.
#include <boost/asio/impl/src.hpp>
