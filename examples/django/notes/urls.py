from django.urls import path

from . import views

app_name = 'notes'
urlpatterns = [
    path('', views.notes, name='all'),
    path('notes.txt', views.as_text, name='as-text'),
    path('<int:pk>/', views.note, name='note'),
    path('<int:pk>/file', views.file, name='file'),
]
