// One linear layer of a masked network on tiles: column j reads row i where degree(i) <= degree(j).
// Rows and columns are sorted by degree, so that the mask is a staircase: a block of columns reads
// the first rows only, up to the degree of its last column, and a block of rows is read by the last
// columns only. Products run over such blocks and leave the zeros beyond the staircase out, but for
// the corners inside a block, which are zeros in a prepared copy of the weights.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "layer.h"

namespace pushforward {

// Features first, ..., end - 1.
struct Range {
  int first, end;
  int count() const { return end - first; }
};

class MaskedLinear {
 public:
  // Finds weightN and biasN, N = index, in the spec. Degrees ascend and are below `dim`, but for
  // rows that nothing reads.
  MaskedLinear(const LayerSpec& spec, const std::string& where, std::size_t index, int dim,
               std::vector<int> row_degree, std::vector<int> column_degree);

  int rows() const { return int(row_degree_.size()); }
  int columns() const { return int(column_degree_.size()); }
  // How many rows have a degree of at most m, for -1 <= m < dim.
  int rows_upto(int m) const { return rows_upto_[std::size_t(m + 1)]; }
  // How many columns have a degree below m, for 0 <= m <= dim.
  int columns_below(int m) const { return columns_below_[std::size_t(m)]; }
  Range columns_of(Range degrees) const {
    return {columns_below(degrees.first), columns_below(degrees.end)};
  }

  // The masked copy of the weights in panels, in `prepared_size` floats from `prepared` on.
  std::size_t prepared_size() const { return panels_size(rows(), columns()); }
  void prepare(const float* parameters, float* prepared) const;

  // task.out = ... + the products of those columns with the rows in `from` that they read. Tiles of
  // the task begin at feature 0; the bias belongs to the sum where it starts from nothing else.
  void run(const Tile& tile, const float* prepared, DenseTask task, Range columns,
           Range from) const;
  // The same from the cotangents of columns to those of rows; `out`, `start`, `value` and `slope`
  // begin at the first of these rows.
  void pull(const Tile& tile, const float* prepared, DenseTask task, Range rows, Range from) const;

  // Adds this tile's sums over rows to the layer's part of the gradient of all parameters, or
  // writes them when fresh; finish_gradient puts zeros where the mask is.
  void add_gradient(const Tile& tile, const float* in, const float* cotangent, float* gradient,
                    bool fresh) const;
  void finish_gradient(float* gradient) const;

 private:
  std::vector<int> row_degree_, column_degree_;
  std::vector<int> rows_upto_, columns_below_;
  std::size_t weight_, bias_;       // offsets in the parameters
  std::vector<int> first_columns_;  // of each row, the first column that reads it
};

}  // namespace pushforward
