// Plain loops, for which the instruction sets have all it takes but a division: that is double's.
#include "tensor_integers.h"

#include "tensor_row_loops.h"

namespace pushforward::PF_PATH {
namespace {

// What wraps is computed unsigned: overflow of int32 is undefined.
PF_INLINE uint32_t bits(int32_t x) { return static_cast<uint32_t>(x); }
PF_INLINE int32_t wrapped(uint32_t x) { return static_cast<int32_t>(x); }

struct Abs {
  static PF_INLINE int32_t apply(int32_t x, int32_t, int32_t) {
    return x < 0 ? wrapped(0u - bits(x)) : x;
  }
};
// To [p, q], p <= q.
struct Clip {
  static PF_INLINE int32_t apply(int32_t x, int32_t p, int32_t q) {
    const int32_t above = x < p ? p : x;
    return above > q ? q : above;
  }
};
struct Neg {
  static PF_INLINE int32_t apply(int32_t x, int32_t, int32_t) { return wrapped(0u - bits(x)); }
};
struct Relu {
  static PF_INLINE int32_t apply(int32_t x, int32_t, int32_t) { return x < 0 ? 0 : x; }
};
struct Relu6 {
  static PF_INLINE int32_t apply(int32_t x, int32_t, int32_t) { return Clip::apply(x, 0, 6); }
};
struct Sign {
  static PF_INLINE int32_t apply(int32_t x, int32_t, int32_t) { return (x > 0) - (x < 0); }
};
struct Square {
  static PF_INLINE int32_t apply(int32_t x, int32_t, int32_t) { return wrapped(bits(x) * bits(x)); }
};
// 1 above zero, p elsewhere.
struct Step {
  static PF_INLINE int32_t apply(int32_t x, int32_t p, int32_t) { return x > 0 ? 1 : p; }
};

struct Add {
  static PF_INLINE int32_t apply(int32_t a, int32_t b) { return wrapped(bits(a) + bits(b)); }
};
struct Sub {
  static PF_INLINE int32_t apply(int32_t a, int32_t b) { return wrapped(bits(a) - bits(b)); }
};
struct Multiply {
  static PF_INLINE int32_t apply(int32_t a, int32_t b) { return wrapped(bits(a) * bits(b)); }
};
// Quotients of two int32 are at least 2^-31 from the next whole number unless they are one, and
// double rounds them by less. By zero everything is 0.
struct FloorDivide {
  static PF_INLINE int32_t apply(int32_t a, int32_t b) {
    const double quotient = __builtin_floor(static_cast<double>(a) / (b == 0 ? 1.0 : b));
    // -2^31 by -1 wraps around to itself.
    const int32_t result = quotient < 2147483648.0 ? static_cast<int32_t>(quotient) : INT32_MIN;
    return b == 0 ? 0 : result;
  }
};
// What the floored quotient leaves, of the sign of b.
struct Modulo {
  static PF_INLINE int32_t apply(int32_t a, int32_t b) {
    return b == 0 ? 0 : wrapped(bits(a) - bits(b) * bits(FloorDivide::apply(a, b)));
  }
};
struct Maximum {
  static PF_INLINE int32_t apply(int32_t a, int32_t b) { return a > b ? a : b; }
};
struct Minimum {
  static PF_INLINE int32_t apply(int32_t a, int32_t b) { return a < b ? a : b; }
};
struct SquaredDifference {
  static PF_INLINE int32_t apply(int32_t a, int32_t b) {
    const uint32_t difference = bits(a) - bits(b);
    return wrapped(difference * difference);
  }
};

template <typename Function>
void unary(const int32_t* __restrict x, int32_t* __restrict out, size_t n, int32_t p, int32_t q) {
  for (size_t i = 0; i < n; ++i) out[i] = Function::apply(x[i], p, q);
}

}  // namespace

#define PF_UNARY_ENTRY(Type, name) unary<Type>,
#define PF_BINARY_ENTRY(Type, name) typed_rows<Type, int32_t>,
const IntegerKernels integer_kernels = {{PF_INTEGER_UNARY_FUNCTIONS(PF_UNARY_ENTRY)},
                                        {PF_INTEGER_BINARY_FUNCTIONS(PF_BINARY_ENTRY)}};
#undef PF_UNARY_ENTRY
#undef PF_BINARY_ENTRY

}  // namespace pushforward::PF_PATH
