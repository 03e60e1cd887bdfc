// Scratch memory that is aligned for the widest vectors.
#pragma once

#include <cstddef>
#include <memory>
#include <new>

namespace pushforward {

constexpr std::size_t kAlignment = 64;

// Floats that grow on demand and keep no contents when they do.
class Scratch {
 public:
  float* data() { return data_.get(); }
  const float* data() const { return data_.get(); }
  std::size_t size() const { return size_; }

  void reserve(std::size_t floats) {
    if (floats <= size_) return;
    data_.reset();
    size_ = 0;
    data_.reset(
        static_cast<float*>(::operator new(floats * sizeof(float), std::align_val_t{kAlignment})));
    size_ = floats;
  }

 private:
  struct Free {
    void operator()(float* p) const { ::operator delete(p, std::align_val_t{kAlignment}); }
  };
  std::unique_ptr<float, Free> data_;
  std::size_t size_ = 0;
};

}  // namespace pushforward
