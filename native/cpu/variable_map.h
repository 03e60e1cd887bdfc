// Monotone maps of one variable that a network steers: what autoregressive layers do to each
// variable once its numbers are known. A new map is a subclass and a function that makes it.
#pragma once

#include <memory>
#include <string>

#include "layer.h"

namespace pushforward {

struct VariableGradient {
  const float* x;        // the variable before the map
  const float* raw;      // its numbers, as the map left them
  const float* gy;       // cotangent of the variable after the map
  const float* log_det;  // cotangent of the log-determinant
  float* gx;             // written
  float* graw;           // written: cotangents of the network's numbers
};

// Everywhere x, y and their cotangents are one feature of a tile, `raw` and `graw` size() of them.
// A map, in whichever direction, may write into its numbers what spares its backward pass work.
class VariableMap {
 public:
  virtual ~VariableMap() = default;
  // Numbers that the map of one variable takes.
  virtual int size() const = 0;
  // Turns the network's numbers of `count` variables, in place, into what the maps below read.
  virtual void prepare(const Tile& tile, float* raw, int count) const;
  virtual void forward(const Tile& tile, const float* x, float* raw, float* y,
                       float* log_det) const = 0;
  virtual void inverse(const Tile& tile, const float* y, float* raw, float* x,
                       float* log_det) const = 0;
  virtual void backward(const Tile& tile, const VariableGradient& task) const = 0;
  // The same for `inverse`, of which `task.x` is the result: `task.gy` is the cotangent of that,
  // and `task.gx` gets the one of what was inverted.
  virtual void inverse_backward(const Tile& tile, const VariableGradient& task) const = 0;
};

// Each throws std::invalid_argument that begins with `where`.
std::unique_ptr<VariableMap> make_affine_map(const LayerSpec& spec, const std::string& where);
std::unique_ptr<VariableMap> make_spline_map(const LayerSpec& spec, const std::string& where);

}  // namespace pushforward
