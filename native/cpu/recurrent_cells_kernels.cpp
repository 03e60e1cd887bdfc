// Slopes come from the activations themselves: y (1 - y) of a sigmoid, 1 - y² of tanh, 0.2 of a
// hard sigmoid that is neither 0 nor 1.
#include "pushforward/simd.h"
#include "recurrent_cells.h"

namespace pushforward::PF_PATH {
namespace {

// The lanes of one vector that exist.
struct Lanes {
  int count;

  PF_INLINE Float from(const float* p) const {
    return count == kWidth ? load(p) : load_partial(p, count);
  }
  PF_INLINE void to(float* p, Float x) const {
    if (count == kWidth) {
      store(p, x);
    } else {
      store_partial(p, x, count);
    }
  }
};

// Calls body(row, unit, lanes) for the vectors of every row.
template <typename Body>
PF_INLINE void for_each_vector(const RecurrentTile& tile, Body body) {
  for (size_t row = 0; row < tile.rows; ++row) {
    for (size_t unit = 0; unit < tile.units; unit += kWidth) {
      const size_t left = tile.units - unit;
      body(row, unit, Lanes{left < size_t(kWidth) ? static_cast<int>(left) : kWidth});
    }
  }
}

template <bool hard>
PF_INLINE Float gate(Float x) {
  if constexpr (hard) {
    const Float line = fma(x, broadcast(0.2f), broadcast(0.5f));
    return min(broadcast(1.0f), max(broadcast(0.0f), line));
  } else {
    return sigmoid(x);
  }
}

template <bool hard>
PF_INLINE Float times_gate_slope(Float gradient, Float y) {
  const Float zero = broadcast(0.0f), one = broadcast(1.0f);
  if constexpr (hard) {
    return select((zero < y) & (y < one), gradient * broadcast(0.2f), zero);
  } else {
    return gradient * (y * (one - y));
  }
}

PF_INLINE Float times_tanh_slope(Float gradient, Float y) {
  return gradient * fnma(y, y, broadcast(1.0f));
}

template <bool hard>
void lstm_forward(const RecurrentTile& tile, float* gates, const float* c_before, float* c,
                  float* h) {
  const size_t units = tile.units;
  for_each_vector(tile, [&](size_t row, size_t unit, Lanes lanes) PF_INLINE_LAMBDA {
    float* const i_at = gates + row * 4 * units + unit;
    float* const f_at = i_at + units;
    float* const g_at = f_at + units;
    float* const o_at = g_at + units;
    const size_t here = row * units + unit;
    const Float i = gate<hard>(lanes.from(i_at));
    const Float f = gate<hard>(lanes.from(f_at));
    const Float g = tanh(lanes.from(g_at));
    const Float o = gate<hard>(lanes.from(o_at));
    const Float next = fma(f, lanes.from(c_before + here), i * g);
    lanes.to(i_at, i);
    lanes.to(f_at, f);
    lanes.to(g_at, g);
    lanes.to(o_at, o);
    lanes.to(c + here, next);
    lanes.to(h + row * tile.h_row + unit, o * tanh(next));
  });
}

template <bool hard>
void lstm_backward(const RecurrentTile& tile, const float* gates, const float* c,
                   const float* c_before, const float* dh, float* dc, float* d_gates) {
  const size_t units = tile.units;
  for_each_vector(tile, [&](size_t row, size_t unit, Lanes lanes) PF_INLINE_LAMBDA {
    const float* const at = gates + row * 4 * units + unit;
    float* const to = d_gates + row * 4 * units + unit;
    const size_t here = row * units + unit;
    const Float i = lanes.from(at), f = lanes.from(at + units);
    const Float g = lanes.from(at + 2 * units), o = lanes.from(at + 3 * units);
    const Float bent = tanh(lanes.from(c + here));
    const Float d_h = lanes.from(dh + here);
    const Float d_c = lanes.from(dc + here) + times_tanh_slope(d_h * o, bent);
    lanes.to(to, times_gate_slope<hard>(d_c * g, i));
    lanes.to(to + units, times_gate_slope<hard>(d_c * lanes.from(c_before + here), f));
    lanes.to(to + 2 * units, times_tanh_slope(d_c * i, g));
    lanes.to(to + 3 * units, times_gate_slope<hard>(d_h * bent, o));
    lanes.to(dc + here, d_c * f);
  });
}

template <bool hard>
void gru_reset(const RecurrentTile& tile, float* gates, const float* sums, const float* multiplied,
               size_t multiplied_row, float* product, size_t product_row) {
  const size_t units = tile.units;
  for_each_vector(tile, [&](size_t row, size_t unit, Lanes lanes) PF_INLINE_LAMBDA {
    float* const at = gates + row * 3 * units + unit;
    const float* const sum = sums + row * 3 * units + unit;
    const Float z = gate<hard>(lanes.from(at) + lanes.from(sum));
    const Float r = gate<hard>(lanes.from(at + units) + lanes.from(sum + units));
    lanes.to(at, z);
    lanes.to(at + units, r);
    lanes.to(product + row * product_row + unit,
             r * lanes.from(multiplied + row * multiplied_row + unit));
  });
}

void gru_candidate(const RecurrentTile& tile, float* gates, const float* sums,
                   const float* h_before, float* h) {
  const size_t units = tile.units;
  for_each_vector(tile, [&](size_t row, size_t unit, Lanes lanes) PF_INLINE_LAMBDA {
    float* const z_at = gates + row * 3 * units + unit;
    float* const g_at = z_at + 2 * units;
    const size_t here = row * tile.h_row + unit;
    const Float g = tanh(lanes.from(g_at) + lanes.from(sums + row * 3 * units + 2 * units + unit));
    lanes.to(g_at, g);
    lanes.to(h + here, fma(lanes.from(z_at), lanes.from(h_before + here) - g, g));
  });
}

template <bool hard>
void gru_candidate_backward(const RecurrentTile& tile, const float* gates, const float* h_before,
                            float* dh, float* d_gates) {
  const size_t units = tile.units;
  for_each_vector(tile, [&](size_t row, size_t unit, Lanes lanes) PF_INLINE_LAMBDA {
    const float* const at = gates + row * 3 * units + unit;
    float* const to = d_gates + row * 3 * units + unit;
    const size_t here = row * units + unit;
    const Float z = lanes.from(at), g = lanes.from(at + 2 * units);
    const Float d_h = lanes.from(dh + here);
    lanes.to(to,
             times_gate_slope<hard>(d_h * (lanes.from(h_before + row * tile.h_row + unit) - g), z));
    lanes.to(to + 2 * units, times_tanh_slope(fnma(d_h, z, d_h), g));
    lanes.to(dh + here, d_h * z);
  });
}

template <bool hard>
void gru_reset_backward(const RecurrentTile& tile, const float* gates, const float* multiplied,
                        size_t multiplied_row, const float* d_product, size_t product_row,
                        float* d_gates, float* d_multiplied, bool add) {
  const size_t units = tile.units;
  for_each_vector(tile, [&](size_t row, size_t unit, Lanes lanes) PF_INLINE_LAMBDA {
    const size_t here = row * units + unit, r_at = row * 3 * units + units + unit;
    const Float r = lanes.from(gates + r_at);
    const Float d = lanes.from(d_product + row * product_row + unit);
    lanes.to(d_gates + r_at,
             times_gate_slope<hard>(d * lanes.from(multiplied + row * multiplied_row + unit), r));
    const Float start = add ? lanes.from(d_multiplied + here) : broadcast(0.0f);
    lanes.to(d_multiplied + here, fma(d, r, start));
  });
}

template <auto soft, auto hard, typename... Arguments>
void choose(const RecurrentTile& tile, Arguments... arguments) {
  tile.hard_sigmoid ? hard(tile, arguments...) : soft(tile, arguments...);
}

}  // namespace

const RecurrentCellKernels recurrent_cell_kernels = {
    choose<lstm_forward<false>, lstm_forward<true>>,
    choose<lstm_backward<false>, lstm_backward<true>>,
    choose<gru_reset<false>, gru_reset<true>>,
    gru_candidate,
    choose<gru_candidate_backward<false>, gru_candidate_backward<true>>,
    choose<gru_reset_backward<false>, gru_reset_backward<true>>,
};

}  // namespace pushforward::PF_PATH
