// LU factors with partial pivoting, and systems solved with them or with triangles, for batches of
// square matrices; everything row-major and contiguous.
//
// Small matrices are taken in groups of a vector's width, one matrix a lane; larger ones, and the
// few that would leave most lanes empty, one by one in blocks. What is computed of a matrix depends
// on its place in the batch through that choice alone, and on the number of threads not at all.
#pragma once

#include <cstddef>
#include <cstdint>

namespace pushforward {

struct LuFactorTask {
  const float* a;  // [batch, n, n]
  std::size_t batch, n;
  // [batch, n, n]: strictly below the diagonal L, whose diagonal is 1; from the diagonal on U.
  float* lu;
  std::int32_t* order;  // [batch, n]: row i of L U is row order[i] of a
  // [batch] each, of the determinant: 0 and -inf where a pivot is 0, NaN where an entry is NaN or
  // infinite.
  float* sign;
  float* log_abs_det;
};

void lu_factor(const LuFactorTask& task);

// The triangle of a matrix, or of its transpose; the other one is not read.
struct Triangle {
  bool lower;  // before any transposition
  bool unit_diagonal;
  bool transpose;
};

// x = solutions for the triangles of `passes`, one after the other, of b [batch, n, columns]. With
// `order_in` row i of a right-hand side is row order_in[i] of b; with `order_out` row i of a
// solution becomes row order_out[i] of x. Their numbers are in [0, n), and each occurs once.
struct SolveTask {
  const float* matrices;  // [batch, n, n]
  std::size_t batch, n, columns;
  Triangle passes[2];
  int pass_count;
  const std::int32_t* order_in = nullptr;
  const std::int32_t* order_out = nullptr;
  const float* b;
  float* x;
};

void linear_solve(const SolveTask& task);

// Solves for one matrix in place: entry (i, k) of t [n, n] lies at i · t_row + k · t_step, one of
// the two being 1, and row i of x [n, columns] at i · x_row.
void linear_substitute(const float* t, std::size_t t_row, std::size_t t_step, std::size_t n,
                       const Triangle& triangle, float* x, std::size_t x_row, std::size_t columns);

}  // namespace pushforward
