// One bijection on tiles. A new one is a file with a subclass and a line in layer.cpp.
#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "pushforward/flow_spec.h"
#include "tile.h"
#include "tile_circle.h"
#include "tile_feature_map.h"
#include "tile_gemm.h"
#include "tile_layers.h"
#include "tile_outer.h"
#include "tile_reflection.h"
#include "tile_rows.h"
#include "tile_spline.h"

namespace pushforward {

// What a layer has at hand while it works on one tile.
struct Tile {
  const GemmKernels* gemm;
  const OuterKernels* outer;
  const LayerKernels* layers;
  const RowKernels* row_kernels;
  const SplineKernels* splines;
  const FeatureMapKernels* feature_maps;
  const ReflectionKernels* reflections;
  const CircleKernels* circles;
  int rows;                 // computed, a multiple of kRowGroup
  const float* parameters;  // the flow's flat array
  const float* prepared;    // this layer's, written by prepare()
  float* scratch;           // scratch_size() floats that hold nothing between calls
  // [2 dim + context_dim] features, the context in the last ones; a layer may write the others, so
  // that what it puts just before the context forms one tile with it.
  float* context_frame;
};

struct BackwardTask {
  const float* x;        // the layer's input
  float* saved;          // what forward left, or null: compute it again
  const float* gy;       // cotangent of the output
  const float* log_det;  // cotangent of the log-determinant, one a row
  float* gx;             // written
  float* gcontext;       // added to, or null when nobody wants it
  float* gradient;       // of all parameters: those of the layer are added to,
  float* sums;           // and so are its sums_size() other sums over rows,
  bool fresh;            // or written when this is the first tile that adds to them
};

class Layer {
 public:
  virtual ~Layer() = default;

  // Floats the layer wants for each purpose.
  virtual std::size_t prepared_size() const { return 0; }
  virtual std::size_t scratch_size() const { return 0; }
  virtual std::size_t saved_size() const { return 0; }
  virtual std::size_t sums_size() const { return 0; }

  // Once a call: fills `prepared` from the parameters and returns the part of the log-determinant
  // that is the same for every row.
  virtual double prepare(const float* parameters, float* prepared) const;

  // Adds to log_det what depends on the row. `saved` may be null.
  virtual void forward(const Tile& tile, const float* x, float* y, float* log_det,
                       float* saved) const = 0;
  // Takes from log_det what forward would add.
  virtual void inverse(const Tile& tile, const float* y, float* x, float* log_det) const = 0;
  virtual void backward(const Tile& tile, const BackwardTask& task) const = 0;

  // Once a call: what the sums over all rows say of the gradient, where backward has not written
  // it.
  virtual void finish_gradient(const float* prepared, const float* sums, float* gradient) const;
};

// Throws std::invalid_argument that begins with `where`, the layer's place in the flow.
std::unique_ptr<Layer> make_layer(const FlowSpec& flow, const LayerSpec& spec,
                                  const std::string& where);

// Checks for the layers' factories; each throws std::invalid_argument.
[[noreturn]] void refuse(const std::string& where, const std::string& what);
// Offset of the parameter `name`, which must be there once and have this shape.
std::size_t parameter_offset(const LayerSpec& spec, const std::string& where,
                             const std::string& name, const std::vector<int>& shape);
void require_parameter_count(const LayerSpec& spec, const std::string& where, std::size_t count);
// Of a spec's `order`.
void require_order(const FlowSpec& flow, const LayerSpec& spec, const std::string& where);

std::unique_ptr<Layer> make_act_norm(const FlowSpec&, const LayerSpec&, const std::string&);
std::unique_ptr<Layer> make_elementwise(const FlowSpec&, const LayerSpec&, const std::string&);
std::unique_ptr<Layer> make_householder(const FlowSpec&, const LayerSpec&, const std::string&);
std::unique_ptr<Layer> make_permutation(const FlowSpec&, const LayerSpec&, const std::string&);
std::unique_ptr<Layer> make_lu_linear(const FlowSpec&, const LayerSpec&, const std::string&);
std::unique_ptr<Layer> make_affine_coupling(const FlowSpec&, const LayerSpec&, const std::string&);
std::unique_ptr<Layer> make_additive_coupling(const FlowSpec&, const LayerSpec&,
                                              const std::string&);
std::unique_ptr<Layer> make_masked_autoregressive(const FlowSpec&, const LayerSpec&,
                                                  const std::string&);
std::unique_ptr<Layer> make_inverse_autoregressive(const FlowSpec&, const LayerSpec&,
                                                   const std::string&);
std::unique_ptr<Layer> make_masked_spline(const FlowSpec&, const LayerSpec&, const std::string&);
std::unique_ptr<Layer> make_inverse_spline(const FlowSpec&, const LayerSpec&, const std::string&);
std::unique_ptr<Layer> make_rational_quadratic_coupling(const FlowSpec&, const LayerSpec&,
                                                        const std::string&);

constexpr std::size_t feature_at(int feature) { return std::size_t(feature) * kTileStride; }

}  // namespace pushforward
